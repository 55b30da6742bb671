namespace Instancer.Cluster.Following;

/// <summary>Is told what is in the store below a prefix: all of it once, then what changes; and all of it again when changes may have been missed. On one thread at a time.</summary>
internal interface IFollower
{
    /// <summary>This is there, and nothing else.</summary>
    /// <param name="items">What is there.</param>
    /// <param name="revision">As of when.</param>
    void Found(IReadOnlyList<KeyValue> items, long revision);

    /// <summary>This has changed since.</summary>
    void Changed(IReadOnlyList<StoreChange> changes);
}
