namespace Instancer.Cluster.Membership;

/// <summary>What a <see cref="MembersActor"/> takes.</summary>
internal abstract record MembersMessage
{
    /// <summary>Time to read what is there.</summary>
    public sealed record ReadDue : MembersMessage;

    /// <summary>What is there, or why it is not known.</summary>
    public sealed record Read(StoreResult<RangeAnswer> Result) : MembersMessage;

    /// <summary>What a watch says.</summary>
    /// <param name="Watch">Which one: what an earlier one still says does not count.</param>
    /// <param name="Message">What it says.</param>
    public sealed record Watched(int Watch, WatchMessage Message) : MembersMessage;

    /// <summary>A watch has ended: what changes from now on it does not tell.</summary>
    public sealed record WatchEnded(int Watch) : MembersMessage;
}
