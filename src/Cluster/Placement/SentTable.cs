using Instancer.Cluster.Membership;

namespace Instancer.Cluster.Placement;

/// <summary>
/// How many keys this node has placed somewhere, itself among them, that the other's last report cannot tell of yet. What was placed and never reported, because no instance
/// came of it, is forgotten after a while. One thread at a time.
/// </summary>
internal sealed class SentTable(TimeProvider time)
{
    /// <summary>How long after the last one a count holds. By then the other has reported, if anything has changed.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(5);

    private readonly Dictionary<(string Node, string Challenge), Entry> _sent = [];
    // Every one, in the order of time.
    private readonly Queue<((string Node, string Challenge) To, long At)> _order = [];

    /// <summary>How many were placed at a member since its last report.</summary>
    public int Count(Member member, string challenge) =>
        _sent.TryGetValue((member.Name, challenge), out var entry) && entry.Report == member.Revision ? entry.Count : 0;

    /// <summary>One more.</summary>
    public void Add(Member member, string challenge)
    {
        var (to, now) = ((member.Name, challenge), time.GetTimestamp());
        _sent[to] = new Entry(member.Revision, Count(member, challenge) + 1, now);
        _order.Enqueue((to, now));
    }

    /// <summary>Forgets the counts that do not hold any more, and tells whose they were.</summary>
    public IReadOnlyList<(string Node, string Challenge)> Forget()
    {
        List<(string, string)> forgotten = [];
        while (_order.TryPeek(out var oldest) && time.GetElapsedTime(oldest.At) >= Memory)
        {
            _order.Dequeue();
            // Unless there was a later one.
            if (_sent.TryGetValue(oldest.To, out var entry) && entry.LastAt == oldest.At)
            {
                _sent.Remove(oldest.To);
                forgotten.Add(oldest.To);
            }
        }

        return forgotten;
    }

    /// <summary>What was sent.</summary>
    /// <param name="Report">The report after which it was.</param>
    /// <param name="Count">How many.</param>
    /// <param name="LastAt">When the last one was.</param>
    private sealed record Entry(long Report, int Count, long LastAt);
}
