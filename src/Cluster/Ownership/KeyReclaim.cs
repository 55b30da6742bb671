using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.Cluster.Membership;

namespace Instancer.Cluster.Ownership;

/// <summary>
/// The question whether this node may serve again what it left with a key: if the note of it is still there, which everybody deletes who takes the key or resets its token.
/// </summary>
internal sealed class KeyReclaim(ClusterOptions options, IKeyValueStore store, Fence fence, IMemberDirectory members, TimeProvider time)
{
    /// <summary>How long to wait before a call whose outcome is not known is made again.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);

    /// <summary>What is noted of a backend that was left.</summary>
    public static string Note(string node, string backendId) => $"{node} {backendId}";

    public async ValueTask<KeyOwner> RunAsync(InstanceKey key, string backendId, CancellationToken cancellationToken)
    {
        while (await fence.WaitAsync(options.PlacePatience, cancellationToken).ConfigureAwait(false) is { } place)
        {
            var answer = await store.CommitAsync(Take(key, backendId, place), cancellationToken).ConfigureAwait(false);
            if (answer.Error is { Failure: StoreFailure.Refused } error)
            {
                return new KeyOwner.Elsewhere(null, error.Message);
            }

            if (answer.Succeeded && place.Holds)
            {
                return OwnerOf(answer.Value, place);
            }

            await Task.Delay(Retry, time, cancellationToken).ConfigureAwait(false);
        }

        return new KeyOwner.Elsewhere(null, KeyClaim.NoPlace);
    }

    private StoreTransaction Take(InstanceKey key, string backendId, Place place)
    {
        var (name, left) = (ClusterKeys.Instance(key), ClusterKeys.Left(key));
        return new StoreTransaction(
            [new StoreCompare.Absent(name), new StoreCompare.HasValue(left, Note(options.Node, backendId))],
            [new StoreOperation.Put(name, options.Node, place.Lease), new StoreOperation.Delete(KeyRange.One(left))],
            [new StoreOperation.Get(KeyRange.One(name))]);
    }

    private KeyOwner OwnerOf(TransactionAnswer answer, Place place) =>
        // Or one whose answer was lost.
        answer.Succeeded || answer.Gets is [[{ } own]] && own.Lease == place.Lease ? new KeyOwner.Here(place)
        : answer.Gets is not [[var found]] ? new KeyOwner.Superseded("others may have had its key since it was left")
        : KeyClaim.OwnerOf(found, options.Node, members);
}
