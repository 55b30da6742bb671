namespace Instancer.Cluster.Placement;

/// <summary>
/// The other nodes that keys of one challenge may be placed at, in the order in which they would be chosen. It is kept as they change, so that a choice costs the same
/// however many they are.
/// </summary>
/// <param name="self">This node's name, which is none of theirs.</param>
internal sealed class Candidates(string self)
{
    private readonly Dictionary<string, Candidate> _byNode = new(StringComparer.Ordinal);
    private readonly SortedSet<Candidate> _inOrder = new(new ByRoom(self));
    private long _instances;
    private long _max;

    /// <summary>Says what is known of a node now; null if it is no candidate.</summary>
    public void Set(string node, Candidate? candidate)
    {
        var before = _byNode.GetValueOrDefault(node);
        if (before == candidate)
        {
            return;
        }

        if (before is not null)
        {
            _byNode.Remove(node);
            _inOrder.Remove(before);
            Count(before, -1);
        }

        if (candidate is not null)
        {
            _byNode.Add(node, candidate);
            _inOrder.Add(candidate);
            Count(candidate, 1);
        }
    }

    /// <summary>The one with the most room, if any has room.</summary>
    /// <param name="gone">Nodes that do not count.</param>
    public Candidate? Best(IReadOnlyCollection<string> gone) =>
        _inOrder.FirstOrDefault(candidate => !gone.Contains(candidate.Node)) is { Room: > 0 } best ? best : null;

    /// <summary>How many instances they have in all, and how many they may have.</summary>
    /// <param name="gone">Nodes that do not count.</param>
    public (long Instances, long Max) Total(IReadOnlyCollection<string> gone)
    {
        var total = (Instances: _instances, Max: _max);
        foreach (var node in gone)
        {
            if (_byNode.TryGetValue(node, out var candidate))
            {
                total = (total.Instances - candidate.Instances, total.Max - candidate.Max);
            }
        }

        return total;
    }

    private void Count(Candidate candidate, int times)
    {
        _instances += times * (long)candidate.Instances;
        _max += times * (long)candidate.Max;
    }

    // Of those with as much room each node prefers another one: the next after itself, around the alphabet.
    private sealed class ByRoom(string self) : IComparer<Candidate>
    {
        public int Compare(Candidate? x, Candidate? y) =>
            y!.Room.CompareTo(x!.Room) is not 0 and var byRoom ? byRoom
            : IsBefore(x).CompareTo(IsBefore(y)) is not 0 and var byTurn ? byTurn
            : string.CompareOrdinal(x.Node, y.Node);

        private bool IsBefore(Candidate candidate) => string.CompareOrdinal(candidate.Node, self) < 0;
    }
}
