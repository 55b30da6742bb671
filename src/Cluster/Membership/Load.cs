using System.Collections.Frozen;

namespace Instancer.Cluster.Membership;

/// <summary>What this node tells the others of itself, and changes while it lives. Any thread may read it or change it.</summary>
internal sealed class Load
{
    public static readonly IReadOnlyDictionary<string, ChallengeLoad> None = FrozenDictionary<string, ChallengeLoad>.Empty;

    private volatile IReadOnlyDictionary<string, ChallengeLoad> _challenges = None;
    private volatile bool _isDraining;
    private long _report;

    /// <summary>What there is to do, by the name of the challenge.</summary>
    public IReadOnlyDictionary<string, ChallengeLoad> Challenges => _challenges;

    /// <summary>Whether the node is about to leave.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>How often it was said what there is to do.</summary>
    public long Report => Volatile.Read(ref _report);

    public void Set(IReadOnlyDictionary<string, ChallengeLoad> challenges)
    {
        _challenges = challenges.ToFrozenDictionary(StringComparer.Ordinal);
        Interlocked.Increment(ref _report);
    }

    public void Drain() => _isDraining = true;
}
