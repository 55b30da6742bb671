using System.Collections.Concurrent;
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

    // A key is not claimed while it is being given up: the claim would find it this node's own still.
    private readonly ConcurrentDictionary<InstanceKey, Task> _givenUp = [];
    private readonly NoteLease _notes = new(store);
    private readonly ResetRequest _resets = new(options.Node, store, time);

    /// <inheritdoc/>
    public async ValueTask<KeyOwner> ClaimAsync(InstanceKey key, bool hereOnly, CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        await GivenUpAsync(key, cancellationToken).ConfigureAwait(false);
        var owner = await new KeyClaim(options, store, fence, members, placer, key, hereOnly, time).RunAsync(cancellationToken).ConfigureAwait(false);
        metrics.Claimed(time.GetElapsedTime(since), owner);
        return owner;
    }

    /// <inheritdoc/>
    public async ValueTask<KeyOwner> ReclaimAsync(InstanceKey key, string backendId, CancellationToken cancellationToken)
    {
        await GivenUpAsync(key, cancellationToken).ConfigureAwait(false);
        return await new KeyReclaim(options, store, fence, members, time).RunAsync(key, backendId, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(InstanceKey key, CancellationToken cancellationToken) => GiveUpAsync(key, backendId: null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask LeaveAsync(InstanceKey key, string backendId, CancellationToken cancellationToken) => GiveUpAsync(key, backendId, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<string?> ResetElsewhereAsync(string challenge, TokenHash token, CancellationToken cancellationToken) =>
        _resets.RunAsync(challenge, token, cancellationToken);

    private Task GivenUpAsync(InstanceKey key, CancellationToken cancellationToken) =>
        _givenUp.TryGetValue(key, out var underWay) ? underWay.WaitAsync(cancellationToken) : Task.CompletedTask;

    private async ValueTask GiveUpAsync(InstanceKey key, string? backendId, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource();
        await GivenUpAsync(key, cancellationToken).ConfigureAwait(false);
        _givenUp[key] = done.Task;
        try
        {
            await TryGiveUpAsync(key, backendId, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _givenUp.TryRemove(new(key, done.Task));
            done.SetResult();
        }
    }

    private async Task TryGiveUpAsync(InstanceKey key, string? backendId, CancellationToken cancellationToken)
    {
        // A key of an earlier place is gone with that, or goes.
        while (fence.Place is { } place)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var error = await GiveUpAsync(key, backendId, place).ConfigureAwait(false);
            if (error is null)
            {
                return;
            }

            if (error.Failure == StoreFailure.Refused)
            {
                ClusterLog.NotReleased(logger, key.ToShortString(), error.Message);
                return;
            }

            if (error.Failure == StoreFailure.LeaseGone)
            {
                _notes.Forget();
            }

            await Task.Delay(Retry, time, cancellationToken).ConfigureAwait(false);
        }
    }

    // A call that was given up may be carried out much later, when the key has been claimed anew: so it names the very claim that it ends.
    private async Task<StoreError?> GiveUpAsync(InstanceKey key, string? backendId, Place place)
    {
        var name = ClusterKeys.Instance(key);
        var found = await store.RangeAsync(KeyRange.One(name), CancellationToken.None).ConfigureAwait(false);
        if (found.Value?.Items is not [{ } item] || item.Lease != place.Lease)
        {
            return found.Error;
        }

        List<StoreOperation> operations = [new StoreOperation.Delete(KeyRange.One(name))];
        if (backendId is not null && await _notes.GetAsync().ConfigureAwait(false) is { } lease)
        {
            operations.Add(new StoreOperation.Put(ClusterKeys.Left(key), KeyReclaim.Note(options.Node, backendId), lease.Id));
        }

        var end = new StoreTransaction(
            [new StoreCompare.CreatedAt(name, item.CreateRevision), new StoreCompare.HasLease(name, place.Lease)], operations, []);
        return (await store.CommitAsync(end, CancellationToken.None).ConfigureAwait(false)).Error;
    }
}
