namespace Instancer.Cluster;

/// <summary>A lease that the store granted.</summary>
/// <param name="Id">Its name in the store; never 0.</param>
/// <param name="Ttl">How long it lasts, from some moment between the call and its answer.</param>
internal sealed record Lease(long Id, TimeSpan Ttl);

/// <summary>The answer to a sign of life.</summary>
/// <param name="Remaining">How long the lease lasts from now; null if it is gone.</param>
internal sealed record KeepAlive(TimeSpan? Remaining);

/// <summary>A key that is there.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">Its value; may be empty.</param>
/// <param name="CreateRevision">When it came to be.</param>
/// <param name="ModRevision">When its value was put last.</param>
/// <param name="Lease">The lease that it goes with; 0 for none.</param>
internal sealed record KeyValue(string Key, string Value, long CreateRevision, long ModRevision, long Lease);

/// <summary>What was there.</summary>
/// <param name="Items">By key, in the order of its bytes.</param>
/// <param name="Revision">The store's revision at that moment: a watch from the next one on misses nothing.</param>
internal sealed record RangeAnswer(IReadOnlyList<KeyValue> Items, long Revision);

/// <summary>How a transaction went.</summary>
/// <param name="Succeeded">Whether all its compares held: what it did is its <c>Then</c>, otherwise its <c>Else</c>.</param>
/// <param name="Revision">The store's revision after it; that of its changes, if it made any.</param>
/// <param name="Gets">What each <see cref="StoreOperation.Get"/> of the list that was carried out found, in their order.</param>
internal sealed record TransactionAnswer(bool Succeeded, long Revision, IReadOnlyList<IReadOnlyList<KeyValue>> Gets);
