namespace Instancer.Cluster.Etcd;

/// <summary>The store on etcd v3, over its JSON gateway. See <see cref="EtcdTransport"/> for what happens when a member fails.</summary>
internal sealed class EtcdStore : IKeyValueStore, IDisposable
{
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly EtcdTransport _transport;
    private readonly EtcdRenewal _renewal;

    /// <summary>Reaches nobody yet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No endpoint is named.</exception>
    public EtcdStore(EtcdOptions options, TimeProvider time)
    {
        (_timeout, _time) = (options.Timeout, time);
        _transport = new EtcdTransport(options, time);
        _renewal = new EtcdRenewal(_transport);
    }

    /// <inheritdoc/>
    public async Task<StoreResult<Lease>> GrantAsync(TimeSpan ttl, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ttl, TimeSpan.FromSeconds(1));
        // Repeatable: a lease too many runs out by itself.
        var request = EtcdRequest.Of("v3/lease/grant", new GrantRequest((long)Math.Ceiling(ttl.TotalSeconds)), EtcdJson.Default.GrantRequest, isRepeatable: true);
        var answer = await _transport.SendAsync(request, EtcdJson.Default.LeaseAnswer, cancellationToken);
        return answer.Value is { } lease ? new Lease(lease.Id, TimeSpan.FromSeconds(lease.Ttl)) : answer.Error!;
    }

    /// <inheritdoc/>
    public Task<StoreResult<KeepAlive>> KeepAliveAsync(long lease, CancellationToken cancellationToken) => _renewal.KeepAliveAsync(lease, cancellationToken);

    /// <inheritdoc/>
    public async Task<StoreError?> RevokeAsync(long lease, CancellationToken cancellationToken)
    {
        var request = EtcdRequest.Of("v3/lease/revoke", new LeaseRequest(lease), EtcdJson.Default.LeaseRequest, isRepeatable: true);
        var answer = await _transport.SendAsync(request, EtcdJson.Default.LeaseAnswer, cancellationToken);
        return answer.Error is { Failure: StoreFailure.LeaseGone } ? null : answer.Error;
    }

    /// <inheritdoc/>
    public async Task<StoreResult<RangeAnswer>> RangeAsync(KeyRange range, CancellationToken cancellationToken)
    {
        var request = EtcdRequest.Of("v3/kv/range", EtcdTranslation.Of(range), EtcdJson.Default.RangeRequest, isRepeatable: true);
        var answer = await _transport.SendAsync(request, EtcdJson.Default.RangeReply, cancellationToken);
        return answer.Value is { } reply ? new RangeAnswer(EtcdTranslation.Items(reply), reply.Header?.Revision ?? 0) : answer.Error!;
    }

    /// <inheritdoc/>
    public async Task<StoreResult<TransactionAnswer>> CommitAsync(StoreTransaction transaction, CancellationToken cancellationToken)
    {
        var request = EtcdRequest.Of("v3/kv/txn", EtcdTranslation.Of(transaction), EtcdJson.Default.TxnRequest, transaction.IsReadOnly);
        var answer = await _transport.SendAsync(request, EtcdJson.Default.TxnReply, cancellationToken);
        return answer.Value is { } reply ? EtcdTranslation.Of(reply) : answer.Error!;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<WatchMessage> WatchAsync(string prefix, long fromRevision, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fromRevision, 1);
        return new EtcdWatch(_transport, prefix, _timeout, _time).ReadAsync(fromRevision, cancellationToken);
    }

    public void Dispose() => _transport.Dispose();
}
