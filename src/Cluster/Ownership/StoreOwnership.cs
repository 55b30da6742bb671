using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.Cluster.Membership;
using Instancer.Cluster.Placement;
using Microsoft.Extensions.Logging;

namespace Instancer.Cluster.Ownership;

/// <summary>
/// Who owns a key, as the store has it: a key of its own that only one node can have made, on that node's lease. An answer that this node is the owner holds as long as the
/// place that it was made from.
/// </summary>
internal sealed class StoreOwnership(
    ClusterOptions options, IKeyValueStore store, Fence fence, IMemberDirectory members, Placer placer, ClusterMetrics metrics, TimeProvider time, ILogger logger)
    : IKeyOwnership
{
    /// <summary>How long to wait before a call whose outcome is not known is made again.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);

    private readonly LeftBackends _left = new(options, store, fence, time);
    private readonly ResetRequest _resets = new(options.Node, store, time);

    /// <inheritdoc/>
    public async ValueTask<KeyOwner> ClaimAsync(InstanceKey key, bool hereOnly, CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        var owner = await new KeyClaim(options, store, fence, members, placer, key, hereOnly, time).RunAsync(cancellationToken).ConfigureAwait(false);
        metrics.Claimed(time.GetElapsedTime(since), owner);
        return owner;
    }

    /// <inheritdoc/>
    public ValueTask<KeyOwner> ReclaimAsync(InstanceKey key, string backendId, CancellationToken cancellationToken) =>
        _left.ReclaimAsync(key, backendId, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask LeaveAsync(InstanceKey key, string backendId, CancellationToken cancellationToken)
    {
        if (fence.Place is not { } place || !await _left.LeaveAsync(key, backendId, place, cancellationToken).ConfigureAwait(false))
        {
            await ReleaseAsync(key, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(InstanceKey key, CancellationToken cancellationToken)
    {
        var name = ClusterKeys.Instance(key);
        // A key of an earlier place is gone with that, or goes.
        while (fence.Place is { } place)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var error = await ReleaseAsync(name, place).ConfigureAwait(false);
            if (error is null)
            {
                return;
            }

            if (error.Failure == StoreFailure.Refused)
            {
                ClusterLog.NotReleased(logger, key.ToShortString(), error.Message);
                return;
            }

            await Task.Delay(Retry, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask<string?> ResetElsewhereAsync(string challenge, TokenHash token, CancellationToken cancellationToken) =>
        _resets.RunAsync(challenge, token, cancellationToken);

    // A call that was given up may be carried out much later, when the key has been claimed anew: so it names the very claim that it ends.
    private async Task<StoreError?> ReleaseAsync(string name, Place place)
    {
        var found = await store.RangeAsync(KeyRange.One(name), CancellationToken.None).ConfigureAwait(false);
        if (found.Value?.Items is not [{ } item] || item.Lease != place.Lease)
        {
            return found.Error;
        }

        var release = new StoreTransaction(
            [new StoreCompare.CreatedAt(name, item.CreateRevision), new StoreCompare.HasLease(name, place.Lease)],
            [new StoreOperation.Delete(KeyRange.One(name))],
            []);
        return (await store.CommitAsync(release, CancellationToken.None).ConfigureAwait(false)).Error;
    }
}
