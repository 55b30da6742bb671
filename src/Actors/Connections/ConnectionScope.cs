using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;
using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Connections;

/// <summary>What all connections of one listener share.</summary>
internal sealed record ConnectionScope(
    Challenge Challenge,
    GatewayOptions Gateway,
    StartQueueOptions StartQueue,
    IAuthenticator Authenticator,
    IRelay Relay,
    ActorRef<RegistryMessage> Registry,
    NodeMetrics Metrics,
    ILogger Logger);
