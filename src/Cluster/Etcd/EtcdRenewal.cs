namespace Instancer.Cluster.Etcd;

/// <summary>
/// Keeps leases alive. It is the leader alone who counts their time, and he renews one without asking the others: a leader that was stopped or cut off, and does not
/// know yet that another one was elected, renews leases that run out under that other one all the same. So he is believed only if a linearizable read after his answer, which the majority
/// has to confirm, is of the same term.
/// </summary>
internal sealed class EtcdRenewal(EtcdTransport transport)
{
    // Nobody leads for long enough to renew a lease, twice in a row, without being the leader.
    private const int Attempts = 2;

    // Any key does: what counts is who answers. It is one that a user who may use the cluster's keys may read.
    private static readonly EtcdRequest Read = EtcdRequest.Of(
        "v3/kv/range", EtcdTranslation.Of(KeyRange.One("/instancer/v1/nodes/")), EtcdJson.Default.RangeRequest, isRepeatable: true);

    public async Task<StoreResult<KeepAlive>> KeepAliveAsync(long lease, CancellationToken cancellationToken)
    {
        var request = EtcdRequest.Of("v3/lease/keepalive", new LeaseRequest(lease), EtcdJson.Default.LeaseRequest, isRepeatable: true);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var answer = await transport.SendAsync(request, EtcdJson.Default.StreamedLeaseAnswer, cancellationToken);
            if (!answer.Succeeded)
            {
                return answer.Error;
            }

            if (answer.Value.Result is not { Header: { } header } kept)
            {
                // Not the same as that the lease is gone.
                return new StoreError(
                    StoreFailure.Unavailable, MayBeDone: true, "etcd: " + EtcdText.OneLine(answer.Value.Error?.ToString() ?? "it did not say how the lease is"));
            }

            var confirmed = await transport.SendAsync(Read, EtcdJson.Default.RangeReply, cancellationToken);
            if (!confirmed.Succeeded)
            {
                return confirmed.Error with { MayBeDone = true };
            }

            if (confirmed.Value.Header?.RaftTerm == header.RaftTerm)
            {
                return new KeepAlive(kept.Ttl > 0 ? TimeSpan.FromSeconds(kept.Ttl) : null);
            }
        }

        return new StoreError(StoreFailure.Unavailable, MayBeDone: true, "etcd: its leader changes too often to say how the lease is");
    }
}
