using System.Net;
using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>
/// Makes slots' networks and puts the gateway on them, once at a time for each. That is never cut off: the engine would go on all the same, and whoever
/// comes next would make the network a second time.
/// </summary>
internal sealed class SlotJoining(EngineClient engine, string node, GatewayContainer gateway, NodeNetworks networks, ILogger logger)
{
    // Of a network that others make and remove meanwhile.
    private const int MostTries = 4;

    private readonly SharedWork<(string Name, bool Makes), EngineResult<Network>> _joining = new();

    /// <summary>The network, made unless it is there, with the gateway on it.</summary>
    public Task<EngineResult<Network>> EnsureAsync(string name, CancellationToken cancellationToken) => JoinAsync(name, makes: true, cancellationToken);

    /// <summary>The network, with the gateway on it; an error if it is not there.</summary>
    public Task<EngineResult<Network>> JoinAsync(string name, CancellationToken cancellationToken) => JoinAsync(name, makes: false, cancellationToken);

    /// <summary>Puts a container that was just made on the network. One that the engine says is there already is a failure: those are another's remains.</summary>
    public Task<EngineError?> AttachAsync(string name, string container, CancellationToken cancellationToken) =>
        engine.ConnectNetworkAsync(name, container, cancellationToken);

    private async Task<EngineResult<Network>> JoinAsync(string name, bool makes, CancellationToken cancellationToken) => gateway.Id is { } own
        ? await _joining.DoAsync((name, makes), () => JoinAsync(name, own, makes), cancellationToken)
        : new EngineError(HttpStatusCode.Conflict, "the gateway is in no container");

    private async Task<EngineResult<Network>> JoinAsync(string name, string own, bool makes)
    {
        var hasConnected = false;
        for (var left = MostTries; left > 0; left--)
        {
            var found = await networks.FindAsync(name, CancellationToken.None);
            if (found.Value is { } network)
            {
                if (!networks.IsOurs(network) || !network.Internal)
                {
                    return NodeNetworks.NotOurs(name);
                }

                if (network.Containers?.ContainsKey(own) == true)
                {
                    return network;
                }

                if (hasConnected)
                {
                    // As with the remains of a gateway whose engine was killed.
                    return new EngineError(HttpStatusCode.Conflict, $"the engine says that the gateway's container is on the network {name}, and it is not");
                }
            }
            else if (!makes || found.Error is not { IsNotFound: true })
            {
                return found;
            }
            else if (await engine.CreateNetworkAsync(Specification(name), CancellationToken.None) is { Error: { } refused })
            {
                if (!refused.IsConflict)
                {
                    return refused;
                }

                // Made by somebody else meanwhile; what counts is whether it is ours.
                continue;
            }
            else
            {
                logger.NetworkMade(name);
            }

            // By its name, which fails if there are several: a container is to be on one of them only.
            var error = await engine.ConnectNetworkAsync(name, own, CancellationToken.None);
            if (error is not (null or { IsAmbiguous: true }) && !error.Mentions("already exists in network"))
            {
                return error;
            }

            hasConnected = error is not { IsAmbiguous: true };
        }

        return new EngineError(HttpStatusCode.Conflict, $"the network {name} comes and goes");
    }

    private CreateNetwork Specification(string name) => new()
    {
        Name = name,
        Internal = true,
        Options = new Dictionary<string, string> { ["com.docker.network.bridge.inhibit_ipv4"] = "true" },
        Labels = new Dictionary<string, string> { [ContainerLabels.NodeLabel] = node },
    };
}
