namespace Instancer.Cluster.Tests;

/// <summary>A store some of whose calls do something else.</summary>
internal abstract class ChangedStore(IKeyValueStore store) : IKeyValueStore
{
    public Task<StoreResult<Lease>> GrantAsync(TimeSpan ttl, CancellationToken cancellationToken) => store.GrantAsync(ttl, cancellationToken);

    public Task<StoreResult<KeepAlive>> KeepAliveAsync(long lease, CancellationToken cancellationToken) => store.KeepAliveAsync(lease, cancellationToken);

    public Task<StoreError?> RevokeAsync(long lease, CancellationToken cancellationToken) => store.RevokeAsync(lease, cancellationToken);

    public Task<StoreResult<RangeAnswer>> RangeAsync(KeyRange range, CancellationToken cancellationToken) => store.RangeAsync(range, cancellationToken);

    public virtual Task<StoreResult<TransactionAnswer>> CommitAsync(StoreTransaction transaction, CancellationToken cancellationToken) =>
        store.CommitAsync(transaction, cancellationToken);

    public IAsyncEnumerable<WatchMessage> WatchAsync(string prefix, long fromRevision, CancellationToken cancellationToken) =>
        store.WatchAsync(prefix, fromRevision, cancellationToken);
}

/// <summary>A store with a bug: some of its transactions throw.</summary>
internal sealed class FailingStore(IKeyValueStore store) : ChangedStore(store)
{
    /// <summary>How many of the next transactions throw.</summary>
    public int Failures { get; set; }

    public override Task<StoreResult<TransactionAnswer>> CommitAsync(StoreTransaction transaction, CancellationToken cancellationToken) =>
        Failures-- > 0 ? throw new InvalidOperationException("a bug") : base.CommitAsync(transaction, cancellationToken);
}
