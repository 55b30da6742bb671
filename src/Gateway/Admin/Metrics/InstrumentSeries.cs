using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Instancer.Gateway.Admin.Metrics;

/// <summary>An instrument and its series.</summary>
internal sealed class InstrumentSeries
{
    private const int MostSeries = 2000;

    // Seconds: from what a look-up takes to what a start may take.
    private static readonly double[] DefaultBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Series>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly Func<Series> _create;

    /// <param name="instrument">The instrument.</param>
    public InstrumentSeries(Instrument instrument)
    {
        Instrument = instrument;
        _lookup = _series.GetAlternateLookup<ReadOnlySpan<char>>();
        Type = PrometheusType.Of(instrument);
        var bounds = (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries?.ToArray()
            ?? (instrument as Histogram<long>)?.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound).ToArray()
            ?? DefaultBounds;
        _create = Type switch
        {
            PrometheusType.Histogram => () => new HistogramSeries(bounds),
            _ when instrument.IsObservable || instrument is Gauge<long> or Gauge<double> or Gauge<int> => () => new LatestSeries(),
            _ => () => new SumSeries(),
        };
    }

    /// <summary>The instrument.</summary>
    public Instrument Instrument { get; }

    /// <summary>The instrument's type in the exposition.</summary>
    public string Type { get; }

    /// <summary>The series by their labels, as they are written.</summary>
    public IEnumerable<KeyValuePair<string, Series>> All => _series.OrderBy(pair => pair.Key, StringComparer.Ordinal);

    /// <summary>Takes a measurement. Allocates only for labels that are new.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[256]);
        PrometheusText.AppendLabels(ref labels, tags);
        if (!_lookup.TryGetValue(labels.Text, out var series) && _series.Count < MostSeries)
        {
            series = _series.GetOrAdd(labels.Text.ToString(), static (_, create) => create(), _create);
        }

        series?.Record(value);
        labels.Clear();
    }

    /// <summary>Forgets what an observable instrument reported, so that what it does not report again is gone.</summary>
    public void ForgetObserved()
    {
        if (Instrument.IsObservable)
        {
            _series.Clear();
        }
    }
}
