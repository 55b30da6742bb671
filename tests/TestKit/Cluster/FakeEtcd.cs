using Instancer.Cluster;

namespace Instancer.TestKit.Cluster;

/// <summary>
/// A model of etcd: one thread, every step at once. It outlives the nodes; each of them reaches it by a link of its own, that can be cut. The conformance
/// tests say where it is as the real one.
/// </summary>
internal sealed partial class FakeEtcd(TimeProvider time, Action<Action> schedule)
{
    // As etcd has it unless told otherwise: one and a half times its longest election.
    private static readonly TimeSpan ShortestTtl = TimeSpan.FromSeconds(2);

    private readonly SortedDictionary<string, KeyValue> _items = new(ByBytes.Instance);
    private readonly List<FakeEtcdWatch> _watches = [];
    // The changes of each revision that made any and is not forgotten.
    private readonly SortedList<long, IReadOnlyList<StoreChange>> _history = [];

    /// <summary>That of the last change.</summary>
    public long Revision { get; private set; } = 1;

    /// <summary>What was before this revision is forgotten.</summary>
    public long CompactedRevision { get; private set; }

    /// <summary>What is there now, as nobody but a test can see it.</summary>
    public IReadOnlyCollection<KeyValue> Items => _items.Values;

    /// <summary>Another client of the store.</summary>
    public FakeEtcdLink Connect() => Connect(time, schedule);

    /// <summary>Another client of the store, with a clock of its own, and a scheduler of its own for what arrives there: it may stand still while the store goes on.</summary>
    public FakeEtcdLink Connect(TimeProvider clientTime, Action<Action> deliver) => new(this, time, schedule, clientTime, deliver);

    /// <summary>Forgets what was before a revision.</summary>
    public void Compact(long revision)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(revision, Revision);
        CompactedRevision = Math.Max(CompactedRevision, revision);
        while (_history.Count > 0 && _history.GetKeyAtIndex(0) < CompactedRevision)
        {
            _history.RemoveAt(0);
        }
    }

    internal RangeAnswer Range(KeyRange range) => new(Find(range), Revision);

    internal void Open(FakeEtcdWatch watch)
    {
        if (watch.FromRevision < CompactedRevision)
        {
            watch.End(new WatchMessage.Compacted(CompactedRevision));
            return;
        }

        _watches.Add(watch);
        foreach (var (revision, changes) in _history)
        {
            watch.Tell(revision, changes);
        }
    }

    internal void Close(FakeEtcdWatch watch) => _watches.Remove(watch);

    private List<KeyValue> Find(KeyRange range) =>
        !range.IsPrefix ? _items.TryGetValue(range.Key, out var item) ? [item] : []
        : [.. _items.Values.Where(each => each.Key.StartsWith(range.Key, StringComparison.Ordinal))];

    // What changed together is told together.
    private void Publish(List<StoreChange> changes)
    {
        if (changes.Count == 0)
        {
            return;
        }

        Revision++;
        _history.Add(Revision, changes);
        foreach (var watch in _watches.ToArray())
        {
            watch.Tell(Revision, changes);
        }
    }

    /// <summary>The order of UTF-8's bytes, which is not that of UTF-16's.</summary>
    private sealed class ByBytes : IComparer<string>
    {
        public static readonly ByBytes Instance = new();

        public int Compare(string? x, string? y)
        {
            for (var i = 0; i < Math.Min(x!.Length, y!.Length); i++)
            {
                if (x[i] != y[i])
                {
                    // Half of a character of four bytes comes after all others.
                    return char.IsSurrogate(x[i]) == char.IsSurrogate(y[i]) ? x[i].CompareTo(y[i]) : char.IsSurrogate(x[i]) ? 1 : -1;
                }
            }

            return x.Length.CompareTo(y!.Length);
        }
    }
}
