using System.Diagnostics.Metrics;

namespace Instancer.Actors.Tests.Domain;

/// <summary>Meters that nobody reads.</summary>
internal sealed class PlainMeters : IMeterFactory
{
    public Meter Create(MeterOptions options) => new(options);

    public void Dispose()
    {
    }
}
