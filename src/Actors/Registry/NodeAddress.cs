using System.Net;

namespace Instancer.Actors.Registry;

/// <summary>Another node of the cluster, as connections are passed on to it.</summary>
/// <param name="Node">Its name.</param>
/// <param name="EndPoint">Where it is reached.</param>
public sealed record NodeAddress(string Node, IPEndPoint EndPoint)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Node} at {EndPoint}";
}
