namespace Instancer.Cluster;

/// <summary>What a watch says.</summary>
internal abstract record WatchMessage
{
    /// <summary>Changes, in the order in which they happened.</summary>
    /// <param name="Revision">Every change up to this one has been told: another watch goes on from the next.</param>
    /// <param name="Changes">All changes of each revision; none where the store only says how far it is.</param>
    public sealed record Batch(long Revision, IReadOnlyList<StoreChange> Changes) : WatchMessage;

    /// <summary>The last message: what was asked for is forgotten. The caller has to read what is there now, and watch from that on.</summary>
    /// <param name="Revision">The oldest revision that can still be watched from.</param>
    public sealed record Compacted(long Revision) : WatchMessage;

    /// <summary>The last message: no member that belongs to the majority can be heard.</summary>
    /// <param name="Reason">Why, in one line.</param>
    public sealed record Lost(string Reason) : WatchMessage;
}

/// <summary>A change of a key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">Its new value; null if it was deleted or went with its lease.</param>
/// <param name="ModRevision">When that was.</param>
/// <param name="Lease">The lease that it goes with; 0 for none, and for a key that was deleted.</param>
internal sealed record StoreChange(string Key, string? Value, long ModRevision, long Lease);
