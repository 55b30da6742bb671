using Instancer.Actors.Instances;

namespace Instancer.Actors.Registry;

/// <summary>The spares of one challenge, and whether another one is due.</summary>
internal sealed class SparePool(Challenge challenge)
{
    // Those that start, those that are ready, and those that are on their way out.
    private readonly HashSet<InstanceKey> _keys = [];

    // A spare that fails has no client who would notice: it must not be tried again and again.
    private readonly FailureHistory _failures = new();

    public Challenge Challenge => challenge;

    public IReadOnlyCollection<InstanceKey> Keys => _keys;

    public bool IsShort(TimeSpan now) => _keys.Count < challenge.Warm && !_failures.IsBackingOff(now);

    public void Add(InstanceKey key) => _keys.Add(key);

    public void Remove(InstanceKey key) => _keys.Remove(key);

    public void NoteFailure(TimeSpan now) => _failures.Add(now);

    public void NoteTaken() => _failures.Clear();
}
