namespace Instancer.Cluster.Etcd;

/// <summary>The store on etcd v3, over its JSON gateway. See <see cref="EtcdTransport"/> for what happens when a member fails.</summary>
internal sealed class EtcdStore(EtcdOptions options, TimeProvider time) : IKeyValueStore, IDisposable
{
    private readonly EtcdTransport _transport = new(options, time);

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
    public async Task<StoreResult<KeepAlive>> KeepAliveAsync(long lease, CancellationToken cancellationToken)
    {
        var request = EtcdRequest.Of("v3/lease/keepalive", new LeaseRequest(lease), EtcdJson.Default.LeaseRequest, isRepeatable: true);
        var answer = await _transport.SendAsync(request, EtcdJson.Default.StreamedLeaseAnswer, cancellationToken);
        return answer switch
        {
            { Error: { } error } => error,
            { Value.Result: { } kept } => new KeepAlive(kept.Ttl > 0 ? TimeSpan.FromSeconds(kept.Ttl) : null),
            // Not the same as that the lease is gone.
            _ => new StoreError(StoreFailure.Unavailable, MayBeDone: true, "etcd: " + EtcdText.OneLine(answer.Value?.Error?.ToString() ?? "it did not say how the lease is")),
        };
    }

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
        return new EtcdWatch(_transport, prefix, options.Timeout, time).ReadAsync(fromRevision, cancellationToken);
    }

    public void Dispose() => _transport.Dispose();
}
