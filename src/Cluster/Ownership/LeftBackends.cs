using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.Cluster.Membership;

namespace Instancer.Cluster.Ownership;

/// <summary>
/// Backends that a node leaves behind when it stops in order. A record in the store says which one is the key's; it goes when somebody else claims the key, when the key's token is reset, or when the
/// backend has outlived its time. So what a node comes back to is served again only if nobody can tell that it was away.
/// </summary>
internal sealed class LeftBackends(ClusterOptions options, IKeyValueStore store, Fence fence, TimeProvider time)
{
    private const string NoPlace = "this node has no place in the cluster now";

    /// <summary>How long to wait before a call whose outcome is not known is made again.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);

    // One for all records of this life: they are made within one drain.
    private long? _lease;

    /// <summary>Writes down that a backend is left, and gives its key up in the same moment; false if neither is certain.</summary>
    public async ValueTask<bool> LeaveAsync(InstanceKey key, string backendId, Place place, CancellationToken cancellationToken)
    {
        if (_lease is not { } lease)
        {
            var granted = await store.GrantAsync(options.LeftFor, cancellationToken).ConfigureAwait(false);
            if (granted.Value is null)
            {
                return false;
            }

            _lease = lease = granted.Value.Id;
        }

        var name = ClusterKeys.Instance(key);
        var leave = new StoreTransaction(
            [new StoreCompare.HasLease(name, place.Lease)],
            [new StoreOperation.Put(ClusterKeys.LeftOf(key), Value(backendId), lease), new StoreOperation.Delete(KeyRange.One(name))],
            []);
        return (await store.CommitAsync(leave, cancellationToken).ConfigureAwait(false)).Succeeded;
    }

    /// <summary>Whose a key is that a backend was left with.</summary>
    public async ValueTask<KeyOwner> ReclaimAsync(InstanceKey key, string backendId, CancellationToken cancellationToken)
    {
        while (fence.Place is { } place)
        {
            var answer = await store.CommitAsync(Reclaim(key, backendId, place), cancellationToken).ConfigureAwait(false);
            if (answer.Error is { Failure: StoreFailure.Refused } error)
            {
                return new KeyOwner.Elsewhere(null, error.Message);
            }

            if (answer.Value is { } known)
            {
                // In the other case too, if an earlier answer was lost: the key is on this very place.
                return known.Succeeded || known.Gets is [[{ } item]] && item.Lease == place.Lease ? new KeyOwner.Here(place)
                    : new KeyOwner.Superseded("its key has had another owner, or its token was reset, or it was not left in order");
            }

            await Task.Delay(Retry, time, cancellationToken).ConfigureAwait(false);
        }

        return new KeyOwner.Elsewhere(null, NoPlace);
    }

    private StoreTransaction Reclaim(InstanceKey key, string backendId, Place place)
    {
        var (name, left) = (ClusterKeys.Instance(key), ClusterKeys.LeftOf(key));
        return new StoreTransaction(
            [new StoreCompare.Absent(name), new StoreCompare.HasValue(left, Value(backendId))],
            [new StoreOperation.Put(name, options.Node, place.Lease), new StoreOperation.Delete(KeyRange.One(left))],
            [new StoreOperation.Get(KeyRange.One(name))]);
    }

    private string Value(string backendId) => $"{options.Node} {backendId}";
}
