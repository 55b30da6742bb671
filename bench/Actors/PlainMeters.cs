using System.Diagnostics.Metrics;

namespace Instancer.Bench.Actors;

/// <summary>Meters that nobody listens to.</summary>
internal sealed class PlainMeters : IMeterFactory
{
    public Meter Create(MeterOptions options) => new(options);

    public void Dispose()
    {
    }
}
