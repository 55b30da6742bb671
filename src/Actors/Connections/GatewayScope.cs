using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Connections;

/// <summary>What a gateway is.</summary>
/// <param name="Name">Its name in logs: the challenge's.</param>
/// <param name="Options">Its limits.</param>
/// <param name="Connect">Makes the actor of an accepted socket.</param>
/// <param name="Logger">Where it logs.</param>
internal sealed record GatewayScope(string Name, GatewayOptions Options, Func<IClientSocket, ConnectionActor> Connect, ILogger Logger)
{
    /// <summary>
    /// Whether it takes connections until the node's very end, those that come while it drains too: other nodes may still believe that a key is here, and are to be told better.
    /// Default: false.
    /// </summary>
    public bool StaysOpen { get; init; }
}
