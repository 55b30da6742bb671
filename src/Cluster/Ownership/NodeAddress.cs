using System.Net;
using Instancer.Actors.Instances;

namespace Instancer.Cluster.Ownership;

/// <summary>The node that owns a key, as an address that connections for the key are passed on to.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="EndPoint">Where it is reached.</param>
internal sealed record NodeAddress(string Node, IPEndPoint EndPoint) : BackendAddress
{
    /// <inheritdoc/>
    public override string ToString() => $"{EndPoint} of {Node}";
}
