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
