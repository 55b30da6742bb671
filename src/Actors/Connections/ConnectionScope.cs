using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;
using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Connections;

/// <summary>What all connections of one listener share.</summary>
internal sealed record ConnectionScope(
    Challenge Challenge,
    NodeOptions Options,
    IAuthenticator Authenticator,
    IRelay Relay,
    Func<TokenHash> NewToken,
    ActorRef<RegistryMessage> Registry,
    NodeMetrics Metrics,
    ILogger Logger)
{
    /// <summary>What clients may take. Default: whatever they ask for.</summary>
    public IChallengeLimits Limits { get; init; } = FixedLimits.None;

    /// <summary>How connections are passed on to other nodes; null for a node that is alone. Default: null.</summary>
    public ClusterPorts? Cluster { get; init; }
}
