namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>Bugs that tests plant around the cluster's parts, to see that the simulation finds them.</summary>
[Flags]
public enum ClusterBugs
{
    None = 0,

    /// <summary>A place counts until the lease's very end, by a clock that may be slow.</summary>
    NoMargin = 1,

    /// <summary>A watch that ended goes on from now: what happened meanwhile is never told.</summary>
    WatchGap = 2,

    /// <summary>A key is taken without looking whose it is.</summary>
    BlindClaim = 4,

    /// <summary>The relay passes bytes on whether or not the node may still serve.</summary>
    BlindRelay = 8,

    /// <summary>A reset's mark is deleted before the backend is gone.</summary>
    EarlyMark = 16,

    /// <summary>A key is given up whosever it is by then: a call may be carried out late, when the key has been claimed anew.</summary>
    BlindRelease = 32,
}
