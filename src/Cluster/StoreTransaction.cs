namespace Instancer.Cluster;

/// <summary>One key, or all that begin with it.</summary>
internal readonly record struct KeyRange(string Key, bool IsPrefix)
{
    public static KeyRange One(string key) => new(key, IsPrefix: false);

    /// <summary>All keys that begin with <paramref name="prefix"/>; an empty one means every key there is.</summary>
    public static KeyRange Below(string prefix) => new(prefix, IsPrefix: true);
}

/// <summary>What is carried out at once: <paramref name="Then"/> if every one of <paramref name="If"/> holds, otherwise <paramref name="Else"/>.</summary>
/// <param name="If">What has to hold; nothing always holds.</param>
/// <param name="Then">At most 128, of which no two may put the same key or put and delete it.</param>
/// <param name="Else">As much.</param>
internal sealed record StoreTransaction(IReadOnlyList<StoreCompare> If, IReadOnlyList<StoreOperation> Then, IReadOnlyList<StoreOperation> Else)
{
    public StoreTransaction(params StoreOperation[] operations)
        : this([], operations, [])
    {
    }

    /// <summary>Whether it changes nothing, whichever way it goes.</summary>
    public bool IsReadOnly => Then.Concat(Else).All(operation => operation is StoreOperation.Get);
}

/// <summary>What has to hold of a key.</summary>
internal abstract record StoreCompare(string Key)
{
    /// <summary>There is no such key.</summary>
    public sealed record Absent(string Key) : StoreCompare(Key);

    /// <summary>It came to be at this revision; 0 as <see cref="Absent"/>.</summary>
    public sealed record CreatedAt(string Key, long Revision) : StoreCompare(Key);

    /// <summary>It was put last at this revision; 0 as <see cref="Absent"/>.</summary>
    public sealed record ModifiedAt(string Key, long Revision) : StoreCompare(Key);

    /// <summary>It is there and has this value.</summary>
    public sealed record HasValue(string Key, string Value) : StoreCompare(Key);

    /// <summary>It goes with this lease; 0 if it is not there or goes with none.</summary>
    public sealed record HasLease(string Key, long Lease) : StoreCompare(Key);
}

/// <summary>What a transaction does.</summary>
internal abstract record StoreOperation
{
    /// <summary>Gives a key a value, and the lease that it goes with from now on (0 for none).</summary>
    public sealed record Put(string Key, string Value, long Lease = 0) : StoreOperation;

    /// <summary>Deletes what is there.</summary>
    public sealed record Delete(KeyRange Range) : StoreOperation;

    /// <summary>Tells what is there, after what the operations before it did.</summary>
    public sealed record Get(KeyRange Range) : StoreOperation;
}
