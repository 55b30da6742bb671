namespace Instancer.Cluster;

/// <summary>
/// The store that the nodes of a cluster agree by: what etcd v3 gives, and no more than the cluster needs. Every answer is linearizable: it holds
/// what any client was told before the call. Keys and values are text. What fails is a value; a cancelled call throws
/// <see cref="OperationCanceledException"/> and may have been carried out.
/// </summary>
internal interface IKeyValueStore
{
    /// <summary>Makes a lease. One whose answer was lost runs out by itself.</summary>
    /// <param name="ttl">How long it lasts unless it is kept alive; in whole seconds, and more than none. The store may give more.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    Task<StoreResult<Lease>> GrantAsync(TimeSpan ttl, CancellationToken cancellationToken);

    /// <summary>Gives a lease its whole time again. It runs from a moment between call and answer: who wants to be safe counts from the call.</summary>
    Task<StoreResult<KeepAlive>> KeepAliveAsync(long lease, CancellationToken cancellationToken);

    /// <summary>Ends a lease, and deletes its keys with it. One that is gone is a success.</summary>
    Task<StoreError?> RevokeAsync(long lease, CancellationToken cancellationToken);

    /// <summary>What is there, by key in the order of its bytes.</summary>
    Task<StoreResult<RangeAnswer>> RangeAsync(KeyRange range, CancellationToken cancellationToken);

    /// <summary>Carries out a transaction, at once or not at all.</summary>
    Task<StoreResult<TransactionAnswer>> CommitAsync(StoreTransaction transaction, CancellationToken cancellationToken);

    /// <summary>
    /// Every change below a prefix, from a revision on, none left out and none twice. Its last message is a <see cref="WatchMessage.Compacted"/> or a
    /// <see cref="WatchMessage.Lost"/>, and then the caller starts another from where this one ended.
    /// </summary>
    /// <param name="prefix">What the keys begin with; empty for all of them.</param>
    /// <param name="fromRevision">The first revision whose changes count, 1 or more; it may be yet to come.</param>
    /// <param name="cancellationToken">Ends it.</param>
    IAsyncEnumerable<WatchMessage> WatchAsync(string prefix, long fromRevision, CancellationToken cancellationToken);
}
