using Instancer.Actors.Registry;

namespace Instancer.Cluster.Membership;

/// <summary>A node's place in the cluster, from when it joined until it loses or leaves it. Another place later is another one.</summary>
/// <param name="lease">The lease that all of it hangs on.</param>
/// <param name="fence">Says whether this is the place that counts now.</param>
internal sealed class Place(long lease, Fence fence) : ITenure
{
    /// <summary>The lease that all of it hangs on.</summary>
    public long Lease => lease;

    /// <inheritdoc/>
    public bool Holds => fence.Allows(this);
}

/// <summary>
/// Whether this node may serve: for as long as it has a place that nobody else can have been given yet. Any thread may ask, before each thing that only a member may do; the
/// answer depends on the clock and not on whether somebody noticed in time that the lease ran out, so a node that was paused past its end does not serve when it wakes.
/// </summary>
/// <param name="time">The node's own clock, of which only the monotonic part counts.</param>
internal sealed class Fence(TimeProvider time)
{
    private volatile State? _state;

    /// <summary>The place that may be acted on at this moment; null if there is none.</summary>
    public Place? Place => _state is { } state && time.GetTimestamp() < state.Until ? state.Place : null;

    /// <summary>Whether <paramref name="place"/> may still be acted on.</summary>
    public bool Allows(Place place) => ReferenceEquals(Place, place);

    /// <summary>Lets a place count until a moment of the clock.</summary>
    internal void Open(Place place, long until) => _state = new State(place, until);

    /// <summary>Lets no place count.</summary>
    internal void Close() => _state = null;

    private sealed record State(Place Place, long Until);
}
