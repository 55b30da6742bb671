using System.Runtime.CompilerServices;
using Instancer.Cluster;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>A node's store as the node sees it: its link to the model, where handlers may fail and bugs may be planted.</summary>
internal sealed class ClusterStore(IKeyValueStore link, ClusterBugs bugs, SimulationState state, TimeProvider time) : IKeyValueStore
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    /// <summary>When a release that was given up is carried out after all.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(3);

    public Task<StoreResult<Lease>> GrantAsync(TimeSpan ttl, CancellationToken cancellationToken)
    {
        state.MayThrow();
        return link.GrantAsync(ttl, cancellationToken);
    }

    public Task<StoreResult<KeepAlive>> KeepAliveAsync(long lease, CancellationToken cancellationToken)
    {
        state.MayThrow();
        return link.KeepAliveAsync(lease, cancellationToken);
    }

    public Task<StoreError?> RevokeAsync(long lease, CancellationToken cancellationToken) => link.RevokeAsync(lease, cancellationToken);

    public Task<StoreResult<RangeAnswer>> RangeAsync(KeyRange range, CancellationToken cancellationToken) => link.RangeAsync(range, cancellationToken);

    public Task<StoreResult<TransactionAnswer>> CommitAsync(StoreTransaction transaction, CancellationToken cancellationToken)
    {
        var spoilt = Spoil(transaction);
        if (bugs.HasFlag(ClusterBugs.BlindRelease) && !ReferenceEquals(spoilt, transaction))
        {
            time.CreateTimer(_ => link.CommitAsync(spoilt, CancellationToken.None), null, Late, Timeout.InfiniteTimeSpan);
        }

        return link.CommitAsync(spoilt, cancellationToken);
    }

    public IAsyncEnumerable<WatchMessage> WatchAsync(string prefix, long fromRevision, CancellationToken cancellationToken)
        => bugs.HasFlag(ClusterBugs.WatchGap) ? WatchWithGapsAsync(prefix, fromRevision, cancellationToken) : link.WatchAsync(prefix, fromRevision, cancellationToken);

    private StoreTransaction Spoil(StoreTransaction transaction)
    {
        var isInstances = transaction.If.Any(compare => compare.Key.StartsWith(ClusterKeys.Instances, StringComparison.Ordinal));
        var puts = transaction.Then.OfType<StoreOperation.Put>().Any(put => put.Key.StartsWith(ClusterKeys.Instances, StringComparison.Ordinal));
        var deletes = transaction.Then.OfType<StoreOperation.Delete>().Any(delete => delete.Range.Key.StartsWith(ClusterKeys.Instances, StringComparison.Ordinal));
        return (isInstances && puts && bugs.HasFlag(ClusterBugs.BlindClaim)) || (isInstances && deletes && bugs.HasFlag(ClusterBugs.BlindRelease))
            ? transaction with { If = [] }
            : transaction;
    }

    private async IAsyncEnumerable<WatchMessage> WatchWithGapsAsync(
        string prefix, long fromRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            await foreach (var message in link.WatchAsync(prefix, fromRevision, cancellationToken).ConfigureAwait(false))
            {
                if (message is WatchMessage.Batch)
                {
                    yield return message;
                }
            }

            // From now, and not from where the other ended.
            StoreResult<RangeAnswer> now;
            do
            {
                await Task.Delay(Retry, time, cancellationToken).ConfigureAwait(false);
                now = await link.RangeAsync(KeyRange.One("nothing"), cancellationToken).ConfigureAwait(false);
            }
            while (!now.Succeeded);
            fromRevision = now.Value.Revision + 1;
        }
    }
}
