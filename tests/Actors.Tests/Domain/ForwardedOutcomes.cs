using System.Diagnostics.Metrics;

namespace Instancer.Actors.Tests.Domain;

/// <summary>Hears what a node counts of the connections that other nodes pass on to it.</summary>
internal sealed class ForwardedOutcomes : IMeterFactory
{
    private readonly MeterListener _listener = new();
    private readonly List<string> _all = [];
    private Meter? _meter;

    public ForwardedOutcomes()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Other tests have instruments of the same name.
            if (instrument.Meter == _meter && instrument.Name == "instancer.forwarded.connections")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => _all.Add((string)tags.ToArray().Single(tag => tag.Key == "outcome").Value!));
        _listener.Start();
    }

    /// <summary>The outcomes, in order.</summary>
    public IReadOnlyList<string> All => _all;

    public Meter Create(MeterOptions options) => _meter = new Meter(options);

    public void Dispose() => _listener.Dispose();
}
