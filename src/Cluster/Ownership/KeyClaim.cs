using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.Cluster.Membership;
using Instancer.Cluster.Placement;

namespace Instancer.Cluster.Ownership;

/// <summary>One question whose a key is, asked until there is an answer.</summary>
internal sealed class KeyClaim(
    ClusterOptions options,
    IKeyValueStore store,
    Fence fence,
    IMemberDirectory members,
    Placer placer,
    InstanceKey key,
    bool hereOnly,
    TimeProvider time)
{
    /// <summary>The answer's reason where there is no place.</summary>
    public const string NoPlace = "this node has no place in the cluster now";

    /// <summary>How long to wait before a call whose outcome is not known is made again.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);

    private readonly string _name = ClusterKeys.Instance(key);
    // Chosen, and then not there any more.
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);
    private long? _withoutSince;

    public async ValueTask<KeyOwner> RunAsync(CancellationToken cancellationToken)
    {
        // Ends with the place, at the latest: before it is not known who the owner is, nobody can be sent anywhere.
        while (await PlaceAsync(cancellationToken).ConfigureAwait(false) is { } place)
        {
            var chosen = hereOnly ? null : placer.Choose(key.Challenge, _gone);
            var answer = await store.CommitAsync(chosen is null ? Take(place) : Look(chosen), cancellationToken).ConfigureAwait(false);
            if (answer.Error is { Failure: StoreFailure.Refused } error)
            {
                return Nobody(error.Message);
            }

            var owner = !answer.Succeeded ? null : chosen is null ? Taken(answer.Value, place) : Looked(answer.Value, place, chosen);
            if (owner is not null)
            {
                return owner;
            }

            if (!answer.Succeeded)
            {
                await Task.Delay(Retry, time, cancellationToken).ConfigureAwait(false);
            }
        }

        return Nobody(NoPlace);
    }

    // All waits for a place together take as long as a lease and a little: after that the client is better off at another node, or told that there is none.
    private ValueTask<Place?> PlaceAsync(CancellationToken cancellationToken)
    {
        if (fence.Place is { } place)
        {
            return new(place);
        }

        _withoutSince ??= time.GetTimestamp();
        return fence.WaitAsync(options.PlacePatience - time.GetElapsedTime(_withoutSince.Value), cancellationToken);
    }

    private StoreTransaction Take(Place place) => new(
        [new StoreCompare.Absent(_name)],
        [new StoreOperation.Put(_name, options.Node, place.Lease), new StoreOperation.Delete(KeyRange.One(ClusterKeys.Left(key)))],
        [new StoreOperation.Get(KeyRange.One(_name))]);

    private StoreTransaction Look(Member chosen) => new(
        new StoreOperation.Get(KeyRange.One(_name)), new StoreOperation.Get(KeyRange.One(ClusterKeys.Node(chosen.Name))));

    // Null: to be asked again.
    private KeyOwner? Taken(TransactionAnswer answer, Place place)
    {
        if (answer.Succeeded)
        {
            placer.Note(at: null, key.Challenge);
            return Here(place);
        }

        return answer.Gets is [[var found]] ? OwnerOf(found, place) : null;
    }

    private KeyOwner? Looked(TransactionAnswer answer, Place place, Member chosen)
    {
        if (answer.Gets is [[var found], _])
        {
            return OwnerOf(found, place);
        }

        // As the store has it, and not as was heard of it: it may be about to leave, or have left.
        if (answer.Gets is [_, [var node]] && Member.TryParse(chosen.Name, node.Value, out var there) && !there.IsDraining)
        {
            placer.Note(chosen, key.Challenge);
            return new KeyOwner.Elsewhere(new NodeAddress(there.Name, there.Advertise), $"it is placed at {there.Name}");
        }

        _gone.Add(chosen.Name);
        return null;
    }

    // One of this place is a claim whose answer was lost.
    private KeyOwner? OwnerOf(KeyValue found, Place place) => found.Lease == place.Lease ? Here(place) : OwnerOf(found, options.Node, members);

    /// <summary>Who has a key that is not this place's.</summary>
    public static KeyOwner.Elsewhere OwnerOf(KeyValue found, string node, IMemberDirectory members) =>
        found.Value == node ? Nobody("what this node had before it lost its place is not over yet")
        : members.Find(found.Value) is { } owner ? new KeyOwner.Elsewhere(new NodeAddress(owner.Name, owner.Advertise), $"it is {owner.Name}'s")
        : Nobody($"it is {found.Value}'s, of which nothing is known");

    // An answer that came too late says nothing.
    private static KeyOwner.Here? Here(Place place) => place.Holds ? new KeyOwner.Here(place) : null;

    private static KeyOwner.Elsewhere Nobody(string reason) => new(null, reason);
}
