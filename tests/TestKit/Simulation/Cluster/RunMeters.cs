using System.Diagnostics.Metrics;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>The meter of one run: what is observed holds on to what it observes, for as long as the meter lasts.</summary>
internal sealed class RunMeters : IMeterFactory
{
    private readonly Meter _meter = new("Instancer.Simulation");

    public Meter Create(MeterOptions options) => _meter;

    public void Dispose() => _meter.Dispose();
}
