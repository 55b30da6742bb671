using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>
/// A network of the node's own on the engine, made when it is first needed and again if somebody removed it. No traffic between its
/// containers.
/// </summary>
internal sealed class InstancerNetwork(EngineClient engine, string node, NetworkKind kind, NodeNetworks networks, ILogger logger) : IContainerNetwork
{
    private const string NeighboursOption = "com.docker.network.bridge.enable_icc";

    private const int MostTries = 5;

    // Never cut off: the engine would make it all the same, and the next one to ask would make a second.
    private readonly SharedWork<string, EngineResult<Network>> _making = new();
    private volatile Network? _made;

    public string Name { get; } = "instancer-" + ContainerName.Escape(node) + kind switch
    {
        NetworkKind.Published => "-published",
        NetworkKind.Egress => "-egress",
        _ => "",
    };

    /// <summary>The network, made unless it is there.</summary>
    public async ValueTask<EngineResult<Network>> EnsureAsync(CancellationToken cancellationToken) =>
        _made is { } made ? made : await _making.DoAsync(Name, EnsureAsync, cancellationToken);

    /// <summary>To be called when the engine said that the network is not there, or there more than once.</summary>
    public void Forget() => _made = null;

    private async Task<EngineResult<Network>> EnsureAsync()
    {
        if (_made is { } meanwhile)
        {
            return meanwhile;
        }

        var network = await FindOrMakeAsync();
        _made = network.Value;
        return network;
    }

    private async Task<EngineResult<Network>> FindOrMakeAsync()
    {
        var found = await networks.FindAsync(Name, CancellationToken.None);
        if (found.Error is { IsNotFound: false })
        {
            return found;
        }

        if (found.Value is { } there)
        {
            return Checked(there);
        }

        var created = await CreateAsync();
        // 409: made by somebody else meanwhile; what counts is whether it is ours.
        if (created.Error is { IsConflict: false } error)
        {
            return error;
        }

        if (created.Succeeded)
        {
            logger.NetworkMade(Name);
        }

        var inspected = await networks.FindAsync(Name, CancellationToken.None);
        return inspected.Succeeded ? Checked(inspected.Value) : inspected;
    }

    private async Task<EngineResult<Created>> CreateAsync()
    {
        for (var left = MostTries; ; left--)
        {
            var created = await engine.CreateNetworkAsync(Specification(), CancellationToken.None);
            if (left == 1 || created.Error is not { } error || !PodmanDialect.MissedAnInterface(error))
            {
                return created;
            }
        }
    }

    private EngineResult<Network> Checked(Network network)
    {
        if (networks.IsOurs(network) && network.Internal == IsInternal)
        {
            // Podman 4.3 accepts the option and ignores it.
            if (network.Options?.GetValueOrDefault(NeighboursOption) != "false")
            {
                logger.NotKeptApart(Name);
            }

            return network;
        }

        return NodeNetworks.NotOurs(Name);
    }

    private bool IsInternal => kind == NetworkKind.Bridge;

    private CreateNetwork Specification()
    {
        var options = new Dictionary<string, string> { [NeighboursOption] = "false" };
        if (!IsInternal)
        {
            options["com.docker.network.bridge.enable_ip_masquerade"] = kind == NetworkKind.Egress ? "true" : "false";
        }

        return new CreateNetwork
        {
            Name = Name,
            Internal = IsInternal,
            Options = options,
            Labels = new Dictionary<string, string> { [ContainerLabels.NodeLabel] = node },
        };
    }
}
