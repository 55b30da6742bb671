namespace Instancer.Cluster.Following;

/// <summary>What a <see cref="FollowingActor"/> takes.</summary>
internal abstract record FollowingMessage
{
    /// <summary>Time to read what is there.</summary>
    public sealed record ReadDue : FollowingMessage;

    /// <summary>What is there, or why it is not known.</summary>
    /// <param name="Life">Which incarnation has asked: what an earlier one did not live to hear does not count.</param>
    /// <param name="Result">The store's answer.</param>
    public sealed record Read(object Life, StoreResult<RangeAnswer> Result) : FollowingMessage;

    /// <summary>What a watch says.</summary>
    /// <param name="Watch">Which one: what an earlier one still says does not count.</param>
    /// <param name="Message">What it says.</param>
    public sealed record Watched(object Watch, WatchMessage Message) : FollowingMessage;

    /// <summary>A watch has ended: what changes from now on it does not tell.</summary>
    public sealed record WatchEnded(object Watch) : FollowingMessage;
}
