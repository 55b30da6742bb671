using System.Net;
using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>
/// The node's networks, by their names. Docker takes names of networks for unique and does not see to it: asked for one name several times at once, it makes
/// several networks, and from then on refuses each request by that name as ambiguous. Two processes may have asked, or one that ended while the engine still worked. All
/// but one are removed then, and none that a container is on.
/// </summary>
internal sealed class NodeNetworks(EngineClient engine, string node, ILogger logger)
{
    // While other processes do the same.
    private const int MostTries = 3;

    /// <summary>The one network of that name, whosever it is.</summary>
    public async Task<EngineResult<Network>> FindAsync(string name, CancellationToken cancellationToken)
    {
        for (var left = MostTries; ; left--)
        {
            var found = await engine.InspectNetworkAsync(name, cancellationToken);
            if (left == 0 || found.Error is not { IsAmbiguous: true })
            {
                return found;
            }

            if (await LeaveOneAsync(name, cancellationToken) is { } error)
            {
                return error;
            }
        }
    }

    /// <summary>Whether it is this node's.</summary>
    public bool IsOurs(Network network) => network.Labels?.GetValueOrDefault(ContainerLabels.NodeLabel) == node;

    /// <summary>What there is to say of a network that is not.</summary>
    public static EngineError NotOurs(string name) => new(HttpStatusCode.Conflict, $"the name {name} is taken by a network that is not Instancer's");

    private async Task<EngineError?> LeaveOneAsync(string name, CancellationToken cancellationToken)
    {
        var listed = await engine.ListNetworksAsync(name, cancellationToken);
        if (!listed.Succeeded)
        {
            return listed.Error;
        }

        List<Network> same = [];
        // The engine's filter takes a part of a name as well. Who is on a network only an inspection shows.
        foreach (var one in listed.Value.Where(one => one.Name == name && IsOurs(one)))
        {
            var inspected = await engine.InspectNetworkAsync(one.Id, cancellationToken);
            if (inspected.Value is { } network)
            {
                same.Add(network);
            }
            else if (inspected.Error is { IsNotFound: false } error)
            {
                return error;
            }
        }

        // In an order that two processes which do this at once have in common.
        var surplus = same.OrderByDescending(IsInUse).ThenBy(network => network.Id, StringComparer.Ordinal).Skip(1).Where(network => !IsInUse(network));
        foreach (var network in surplus)
        {
            logger.NetworkSurplus(name, network.Id);
            // Refused: a container has come to be on it meanwhile, so another one is the surplus. The next look tells.
            if (await engine.RemoveNetworkAsync(network.Id, cancellationToken) is { IsUnreachable: true } error)
            {
                return error;
            }
        }

        return null;
    }

    private static bool IsInUse(Network network) => network.Containers is { Count: > 0 };
}
