using System.Diagnostics.Metrics;
using Instancer.Gateway.Admin.Metrics;

namespace Instancer.Gateway.Tests.Admin;

public sealed class MetricsTests : IDisposable
{
    private readonly MeterFactory _meters = new();
    private readonly MetricsExporter _exporter;
    private readonly Meter _meter;

    public MetricsTests()
    {
        _exporter = new MetricsExporter(_meters);
        _meter = _meters.Create(new MeterOptions("Instancer"));
    }

    public void Dispose()
    {
        _exporter.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public void A_counter_adds_up_by_its_labels()
    {
        var counter = _meter.CreateCounter<long>("instancer.connections", description: "Connections\nthat came.");
        counter.Add(2, new KeyValuePair<string, object?>("challenge", "a"));
        counter.Add(3, new KeyValuePair<string, object?>("challenge", "a"));
        counter.Add(1, new("challenge", "b\"\\\n"), new("by.whom", 7));
        Assert.Equal(
            """
            # HELP instancer_connections_total Connections\nthat came.
            # TYPE instancer_connections_total counter
            instancer_connections_total{challenge="a"} 5
            instancer_connections_total{challenge="b\"\\\n",by_whom="7"} 1

            """,
            _exporter.Write());
    }

    [Fact]
    public void What_goes_up_and_down_is_a_gauge()
    {
        var sessions = _meter.CreateUpDownCounter<long>("instancer.sessions");
        sessions.Add(5);
        sessions.Add(-2);
        Assert.Equal("# TYPE instancer_sessions gauge\ninstancer_sessions 3\n", _exporter.Write());
    }

    [Fact]
    public void A_gauge_shows_the_latest()
    {
        var gauge = _meter.CreateGauge<double>("instancer.load");
        gauge.Record(2);
        gauge.Record(0.5);
        Assert.Equal("# TYPE instancer_load gauge\ninstancer_load 0.5\n", _exporter.Write());
    }

    [Fact]
    public void What_is_observed_is_asked_for_each_time_and_gone_when_it_is_not_reported()
    {
        List<Measurement<long>> now = [new(1, new KeyValuePair<string, object?>("state", "idle"))];
        _meter.CreateObservableGauge("instancer.instances", () => now);
        Assert.Equal("# TYPE instancer_instances gauge\ninstancer_instances{state=\"idle\"} 1\n", _exporter.Write());
        now = [new(4, new KeyValuePair<string, object?>("state", "ready"))];
        Assert.Equal("# TYPE instancer_instances gauge\ninstancer_instances{state=\"ready\"} 4\n", _exporter.Write());
    }

    [Fact]
    public void A_histogram_counts_into_buckets_that_include_their_bound()
    {
        var histogram = _meter.CreateHistogram(
            "instancer.start.duration", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var seconds in new[] { 0.05, 0.1, 0.5, 3 })
        {
            histogram.Record(seconds, new KeyValuePair<string, object?>("challenge", "a"));
        }

        Assert.Equal(
            """
            # TYPE instancer_start_duration_seconds histogram
            instancer_start_duration_seconds_bucket{challenge="a",le="0.1"} 2
            instancer_start_duration_seconds_bucket{challenge="a",le="1"} 3
            instancer_start_duration_seconds_bucket{challenge="a",le="+Inf"} 4
            instancer_start_duration_seconds_sum{challenge="a"} 3.65
            instancer_start_duration_seconds_count{challenge="a"} 4

            """,
            _exporter.Write());
    }

    [Fact]
    public void Meters_of_others_are_not_shown()
    {
        using var other = new Meter("Instancer");
        other.CreateCounter<long>("instancer.other").Add(1);
        Assert.Equal("", _exporter.Write());
    }

    [Fact]
    public void Measurements_from_many_threads_all_count()
    {
        var counter = _meter.CreateCounter<long>("instancer.bytes", "By");
        Parallel.For(0, 10_000, i => counter.Add(1, new KeyValuePair<string, object?>("direction", i % 2 == 0 ? "in" : "out")));
        Assert.Equal(
            "# TYPE instancer_bytes_total counter\ninstancer_bytes_total{direction=\"in\"} 5000\ninstancer_bytes_total{direction=\"out\"} 5000\n",
            _exporter.Write());
    }

    [Fact]
    public void A_measurement_allocates_nothing_once_its_labels_are_known()
    {
        var counter = _meter.CreateCounter<long>("instancer.connections");
        var tag = new KeyValuePair<string, object?>("challenge", "sample");
        counter.Add(1, tag);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            counter.Add(1, tag);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
