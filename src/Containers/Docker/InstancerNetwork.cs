using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>
/// A network of the node's own on the engine, made when it is first needed and again if somebody removed it. No traffic between its
/// containers.
/// </summary>
internal sealed class InstancerNetwork(EngineClient engine, string node, NetworkKind kind, ILogger logger) : IContainerNetwork, IDisposable
{
    private const string NeighboursOption = "com.docker.network.bridge.enable_icc";

    private const int MostTries = 5;

    private readonly SemaphoreSlim _making = new(1, 1);
    private volatile Network? _made;

    public string Name { get; } = "instancer-" + ContainerName.Escape(node) + kind switch
    {
        NetworkKind.Published => "-published",
        NetworkKind.Egress => "-egress",
        _ => "",
    };

    /// <summary>The network, made unless it is there.</summary>
    public async ValueTask<EngineResult<Network>> EnsureAsync(CancellationToken cancellationToken)
    {
        if (_made is { } made)
        {
            return made;
        }

        await _making.WaitAsync(cancellationToken);
        try
        {
            if (_made is { } meanwhile)
            {
                return meanwhile;
            }

            var network = await FindOrMakeAsync(cancellationToken);
            _made = network.Value;
            return network;
        }
        finally
        {
            _making.Release();
        }
    }

    /// <summary>To be called when the engine said that the network is not there.</summary>
    public void Forget() => _made = null;

    public void Dispose() => _making.Dispose();

    private async Task<EngineResult<Network>> FindOrMakeAsync(CancellationToken cancellationToken)
    {
        var found = await engine.InspectNetworkAsync(Name, cancellationToken);
        if (found.Error is { IsNotFound: false })
        {
            return found;
        }

        if (found.Value is { } there)
        {
            return Checked(there);
        }

        var created = await CreateAsync(cancellationToken);
        // 409: made by somebody else meanwhile; what counts is whether it is ours.
        if (created.Error is { IsConflict: false } error)
        {
            return error;
        }

        if (created.Succeeded)
        {
            logger.NetworkMade(Name);
        }

        var inspected = await engine.InspectNetworkAsync(Name, cancellationToken);
        return inspected.Succeeded ? Checked(inspected.Value) : inspected;
    }

    private async Task<EngineResult<Created>> CreateAsync(CancellationToken cancellationToken)
    {
        for (var left = MostTries; ; left--)
        {
            var created = await engine.CreateNetworkAsync(Specification(), cancellationToken);
            if (left == 1 || created.Error is not { } error || !PodmanDialect.MissedAnInterface(error))
            {
                return created;
            }
        }
    }

    private EngineResult<Network> Checked(Network network)
    {
        var ours = network.Labels?.GetValueOrDefault(ContainerLabels.NodeLabel) == node;
        if (ours && network.Internal == IsInternal)
        {
            // Podman 4.3 accepts the option and ignores it.
            if (network.Options?.GetValueOrDefault(NeighboursOption) != "false")
            {
                logger.NotKeptApart(Name);
            }

            return network;
        }

        return new EngineError(System.Net.HttpStatusCode.Conflict, $"the name {Name} is taken by a network that is not Instancer's");
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
