using System.Diagnostics.Metrics;

namespace Instancer.Actors.Tests.Domain;

/// <summary>Hears the outcomes that a node counts with one of its instruments.</summary>
internal sealed class CountedOutcomes : IMeterFactory
{
    private readonly MeterListener _listener = new();
    private readonly List<string> _all = [];
    private Meter? _meter;

    public CountedOutcomes(string instrument)
    {
        _listener.InstrumentPublished = (published, listener) =>
        {
            // Other tests have instruments of the same name.
            if (published.Meter == _meter && published.Name == instrument)
            {
                listener.EnableMeasurementEvents(published);
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
