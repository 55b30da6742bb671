using System.Globalization;
using System.Net;
using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>
/// The networks on which a gateway in a container meets its instances: one for each instance that there is, made when it is first needed and then used again and
/// again. A network that keeps its containers apart would keep the gateway from them too; so on each of these are the gateway and at most one
/// instance. The host itself has no address there. The engine is the truth about which are free: those that no container of the node, running or not, is on.
/// </summary>
internal sealed class SlotNetworks(EngineClient engine, string node, GatewayContainer gateway, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _choosing = new(1, 1);
    // Those that starts have, whose containers the engine may not have made yet.
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);

    private readonly string _prefix = $"instancer-{ContainerName.Escape(node)}-slot-";

    /// <summary>The name of the lowest one.</summary>
    public string First => NameOf(1);

    /// <summary>The lowest one that is free. To be disposed of when the start is over.</summary>
    /// <param name="wayOut">The network with a way out that the container is to be on as well; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<EngineResult<Slot>> TakeAsync(IContainerNetwork? wayOut, CancellationToken cancellationToken)
    {
        await _choosing.WaitAsync(cancellationToken);
        try
        {
            var listed = await engine.ListContainersAsync([$"{ContainerLabels.NodeLabel}={node}"], cancellationToken);
            if (!listed.Succeeded)
            {
                return listed.Error;
            }

            var taken = listed.Value.SelectMany(container => container.NetworkSettings?.Networks?.Keys ?? []).ToHashSet(StringComparer.Ordinal);
            lock (_given)
            {
                var number = 1;
                while (taken.Contains(NameOf(number)) || !_given.Add(NameOf(number)))
                {
                    number++;
                }

                return new Slot(this, NameOf(number), wayOut);
            }
        }
        finally
        {
            _choosing.Release();
        }
    }

    /// <summary>To be called when a start that had it is over.</summary>
    public void Return(string name)
    {
        lock (_given)
        {
            _given.Remove(name);
        }
    }

    /// <summary>The network, made unless it is there, with the gateway on it.</summary>
    public async Task<EngineResult<Network>> EnsureAsync(string name, CancellationToken cancellationToken)
    {
        var found = await engine.InspectNetworkAsync(name, cancellationToken);
        if (found.Error is { IsNotFound: true })
        {
            // 409: made by somebody else meanwhile; what counts is whether it is ours.
            var created = await engine.CreateNetworkAsync(Specification(name), cancellationToken);
            if (created.Error is { IsConflict: false } error)
            {
                return error;
            }

            if (created.Succeeded)
            {
                logger.NetworkMade(name);
            }
        }

        return await JoinAsync(name, cancellationToken);
    }

    /// <summary>The network, with the gateway on it; an error if it is not there.</summary>
    public async Task<EngineResult<Network>> JoinAsync(string name, CancellationToken cancellationToken)
    {
        if (gateway.Id is not { } own)
        {
            return new EngineError(HttpStatusCode.Conflict, "the gateway is in no container");
        }

        var found = await engine.InspectNetworkAsync(name, cancellationToken);
        if (found.Value is not { } network)
        {
            return found;
        }

        if (network.Labels?.GetValueOrDefault(ContainerLabels.NodeLabel) != node || !network.Internal)
        {
            return new EngineError(HttpStatusCode.Conflict, $"the name {name} is taken by a network that is not Instancer's");
        }

        if (network.Containers?.ContainsKey(own) == true)
        {
            return network;
        }

        return await ConnectAsync(name, own, cancellationToken) is { } error ? error : await engine.InspectNetworkAsync(name, cancellationToken);
    }

    /// <summary>Puts a container on the network. One that is there already is a success.</summary>
    public async Task<EngineError?> ConnectAsync(string name, string container, CancellationToken cancellationToken) =>
        await engine.ConnectNetworkAsync(name, container, cancellationToken) is { } error && !error.Mentions("already exists in network") ? error : null;

    public void Dispose() => _choosing.Dispose();

    private string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{_prefix}{number}");

    private CreateNetwork Specification(string name) => new()
    {
        Name = name,
        Internal = true,
        Options = new Dictionary<string, string> { ["com.docker.network.bridge.inhibit_ipv4"] = "true" },
        Labels = new Dictionary<string, string> { [ContainerLabels.NodeLabel] = node },
    };
}
