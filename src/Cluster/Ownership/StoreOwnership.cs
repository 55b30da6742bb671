using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.Cluster.Membership;

namespace Instancer.Cluster.Ownership;

/// <summary>
/// Who owns a key, as the store has it: a key of its own that only one node can have made, on that node's lease. An answer that this node is the owner holds as long as the
/// place that it was made from.
/// </summary>
internal sealed class StoreOwnership(string node, IKeyValueStore store, Fence fence, IMemberDirectory members, TimeProvider time) : IKeyOwnership
{
    private const string NoPlace = "this node has no place in the cluster now";

    /// <summary>How long to wait before a call whose outcome is not known is made again.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    public async ValueTask<KeyOwner> ClaimAsync(InstanceKey key, bool hereOnly, CancellationToken cancellationToken)
    {
        // Ends with the place, at the latest: before it is not known who the owner is, nobody can be sent anywhere.
        while (fence.Place is { } place)
        {
            var answer = await store.CommitAsync(Claim(ClusterKeys.Instance(key), place), cancellationToken).ConfigureAwait(false);
            if (answer.Succeeded && OwnerOf(answer.Value, place) is { } owner)
            {
                return owner;
            }

            await Task.Delay(Retry, time, cancellationToken).ConfigureAwait(false);
        }

        return new KeyOwner.Elsewhere(null, NoPlace);
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(InstanceKey key, CancellationToken cancellationToken)
    {
        // A key of an earlier place is gone with that, or goes.
        while (fence.Place is { } place)
        {
            var name = ClusterKeys.Instance(key);
            var release = new StoreTransaction(
                [new StoreCompare.HasLease(name, place.Lease)], [new StoreOperation.Delete(KeyRange.One(name))], []);
            if ((await store.CommitAsync(release, cancellationToken).ConfigureAwait(false)).Succeeded)
            {
                return;
            }

            await Task.Delay(Retry, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask<string?> ResetElsewhereAsync(string challenge, TokenHash token, CancellationToken cancellationToken) => new(default(string));

    private StoreTransaction Claim(string name, Place place) => new(
        [new StoreCompare.Absent(name)], [new StoreOperation.Put(name, node, place.Lease)], [new StoreOperation.Get(KeyRange.One(name))]);

    // Null: to be asked again.
    private KeyOwner? OwnerOf(TransactionAnswer answer, Place place)
    {
        if (answer.Succeeded)
        {
            return Here(place);
        }

        return answer.Gets is not [[var found]] ? null
            // A claim whose answer was lost.
            : found.Lease == place.Lease ? Here(place)
            : found.Value == node ? new KeyOwner.Elsewhere(null, "what this node had before it lost its place is not over yet")
            : members.Find(found.Value) is { } owner
            ? new KeyOwner.Elsewhere(new NodeAddress(owner.Name, owner.Advertise), $"it is {owner.Name}'s")
            : new KeyOwner.Elsewhere(null, $"it is {found.Value}'s, of which nothing is known");
    }

    private static KeyOwner Here(Place place) => place.Holds ? new KeyOwner.Here(place) : new KeyOwner.Elsewhere(null, NoPlace);
}
