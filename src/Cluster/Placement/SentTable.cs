using Instancer.Cluster.Membership;

namespace Instancer.Cluster.Placement;

/// <summary>
/// How many keys this node has placed somewhere, itself among them, that the other's last report cannot tell of yet. What was placed and never reported, because no instance
/// came of it, is forgotten after a while. Any thread may use it.
/// </summary>
internal sealed class SentTable(TimeProvider time)
{
    /// <summary>How long after the last one a count holds. By then the other has reported, if anything has changed.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(5);

    /// <summary>From so many on, those that do not hold any more are looked for: nodes come and go under ever new names.</summary>
    private const int Many = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Node, string Challenge), Entry> _sent = [];

    /// <summary>How many were placed at a member since its last report.</summary>
    public int Count(Member member, string challenge)
    {
        lock (_lock)
        {
            return Current(member, challenge)?.Count ?? 0;
        }
    }

    /// <summary>One more.</summary>
    public void Add(Member member, string challenge)
    {
        lock (_lock)
        {
            var count = Current(member, challenge)?.Count ?? 0;
            if (_sent.Count >= Many)
            {
                foreach (var old in _sent.Where(sent => IsOver(sent.Value)).ToList())
                {
                    _sent.Remove(old.Key);
                }
            }

            _sent[(member.Name, challenge)] = new Entry(member.Revision, count + 1, time.GetTimestamp());
        }
    }

    private Entry? Current(Member member, string challenge) =>
        _sent.TryGetValue((member.Name, challenge), out var entry) && entry.Report == member.Revision && !IsOver(entry) ? entry : null;

    private bool IsOver(Entry entry) => time.GetElapsedTime(entry.LastAt) >= Memory;

    /// <summary>What was sent.</summary>
    /// <param name="Report">The report after which it was.</param>
    /// <param name="Count">How many.</param>
    /// <param name="LastAt">When the last one was.</param>
    private sealed record Entry(long Report, int Count, long LastAt);
}
