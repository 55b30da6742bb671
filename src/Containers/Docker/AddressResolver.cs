using System.Net;
using System.Net.NetworkInformation;
using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>
/// What <see cref="DockerAddress.Auto"/> means here. <see cref="DockerAddress.Bridge"/>, if this is Linux, the engine is at a unix socket,
/// and the network's gateway address is one of this host's: only then does a route lead to the containers. That leaves out Docker
/// Desktop, and a gateway in a container of its own. Else <see cref="DockerAddress.Published"/>. Found once, and kept for the life of the process.
/// </summary>
internal sealed class AddressResolver(EngineClient engine, InstancerNetwork bridge, ILogger logger)
{
    private sealed record Resolution(DockerAddress Address, string Reason);

    private Resolution? _auto;
    private int _needsPort = -1;

    /// <summary>
    /// Whether the address takes a port. Before <see cref="DockerAddress.Auto"/> is resolved the answer is yes: a port that is leased and
    /// not used costs a place in the pool, one that is missing costs the start. An answer once given stays.
    /// </summary>
    public bool NeedsPort(DockerAddress address)
    {
        if (address != DockerAddress.Auto)
        {
            return address == DockerAddress.Published;
        }

        var answer = Volatile.Read(ref _auto) is { Address: DockerAddress.Bridge } ? 0 : 1;
        var given = Interlocked.CompareExchange(ref _needsPort, answer, -1);
        return (given == -1 ? answer : given) == 1;
    }

    /// <summary>Why <see cref="DockerAddress.Auto"/> means what it means; null before it is resolved.</summary>
    public string? Reason => Volatile.Read(ref _auto)?.Reason;

    /// <summary>Bridge or published, and never Auto.</summary>
    public async ValueTask<(DockerAddress Address, EngineError? Error)> ResolveAsync(DockerAddress address, CancellationToken cancellationToken)
    {
        if (address != DockerAddress.Auto)
        {
            return (address, null);
        }

        if (Volatile.Read(ref _auto) is { } known)
        {
            return (known.Address, null);
        }

        var version = await engine.NegotiateAsync(cancellationToken);
        if (!version.Succeeded)
        {
            return (address, version.Error);
        }

        var (resolution, error) = await FindAsync(cancellationToken);
        if (resolution is null)
        {
            return (address, error);
        }

        if (Interlocked.CompareExchange(ref _auto, resolution, null) is { } first)
        {
            return (first.Address, null);
        }

        logger.AddressResolved(engine.Endpoint.Text, version.Value.Version.ToString(), resolution.Address.ToString(), resolution.Reason);
        return (resolution.Address, null);
    }

    private async Task<(Resolution? Resolution, EngineError? Error)> FindAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux() || !engine.Endpoint.IsUnixSocket)
        {
            return (new Resolution(DockerAddress.Published, "the engine is not on this Linux host"), null);
        }

        var network = await bridge.EnsureAsync(cancellationToken);
        if (!network.Succeeded)
        {
            return network.Error.IsUnreachable
                ? (null, network.Error)
                : (new Resolution(DockerAddress.Published, network.Error.Message), null);
        }

        var gateway = GatewayOf(network.Value);
        return gateway is not null && HostAddresses().Contains(gateway)
            ? (new Resolution(DockerAddress.Bridge, $"{gateway} of the network {bridge.Name} is this host's"), null)
            : (new Resolution(DockerAddress.Published, $"this host has no address in the network {bridge.Name}"), null);
    }

    // Some engines write the prefix length behind the address.
    private static IPAddress? GatewayOf(Network network) => network.Ipam?.Config?
        .Select(config => IPAddress.TryParse(config.Gateway?.Split('/')[0], out var address) ? address : null)
        .FirstOrDefault(address => address is not null);

    private static IEnumerable<IPAddress> HostAddresses() =>
        from network in NetworkInterface.GetAllNetworkInterfaces()
        from address in network.GetIPProperties().UnicastAddresses
        select address.Address;
}
