using Instancer.Actors;

namespace Instancer.Cluster.Resets;

/// <summary>What a <see cref="ResetsActor"/> takes. What belongs to an earlier incarnation is dropped.</summary>
internal abstract record ResetsMessage
{
    /// <summary>These marks are there, and no others.</summary>
    public sealed record Found(object Life, IReadOnlyList<KeyValue> Items) : ResetsMessage;

    /// <summary>These have changed.</summary>
    public sealed record Changed(object Life, IReadOnlyList<StoreChange> Changes) : ResetsMessage;

    /// <summary>A stop has ended.</summary>
    /// <param name="Life">Which incarnation has asked for it.</param>
    /// <param name="Key">What was to be stopped.</param>
    /// <param name="Revision">The mark that it was for.</param>
    /// <param name="Failure">Why it is not certain that the backend is gone; null if it is.</param>
    public sealed record Stopped(object Life, InstanceKey Key, long Revision, Exception? Failure) : ResetsMessage;

    /// <summary>The store has deleted a mark, unless it had changed, or could not be asked to.</summary>
    public sealed record Deleted(object Life, InstanceKey Key, long Revision, StoreError? Error) : ResetsMessage;

    /// <summary>Time to try the stop again.</summary>
    public sealed record StopDue(InstanceKey Key) : ResetsMessage;

    /// <summary>Time to try again to delete the mark of what has been stopped.</summary>
    public sealed record DeleteDue(InstanceKey Key, long Revision) : ResetsMessage;
}
