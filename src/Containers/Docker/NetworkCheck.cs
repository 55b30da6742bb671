using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Instancer.Containers.Docker.Engine;
using Instancer.Containers.Linux;

namespace Instancer.Containers.Docker;

/// <summary>How containers on a network are reached, and why so.</summary>
internal sealed record Resolution(DockerAddress Address, string Reason);

/// <summary>
/// Finds out how containers on a network are reached. By <see cref="DockerAddress.Bridge"/>, if the network's gateway address is one of this host's: only
/// then does a route lead to the containers. Else by <see cref="DockerAddress.Joined"/>, if the gateway is in a container of this very engine that can be put on a
/// network. Else, as with Docker Desktop, by <see cref="DockerAddress.Published"/>.
/// </summary>
internal sealed class NetworkCheck(EngineClient engine, InstancerNetwork bridge, SlotNetworks slots, GatewayContainer gateway)
{
    // Whoever asks while it is found out waits for that: all would make the same network.
    private readonly SharedWork<string, (Resolution? Resolution, EngineError? Error)> _finding = new();
    private volatile Resolution? _found;

    /// <summary>What <see cref="DockerAddress.Bridge"/> means: itself, or <see cref="DockerAddress.Joined"/>.</summary>
    public async ValueTask<(DockerAddress Address, EngineError? Error)> BridgeAsync(CancellationToken cancellationToken)
    {
        if (gateway.Id is null || engine.Endpoint.UnixSocket is not { } socket)
        {
            return (DockerAddress.Bridge, null);
        }

        var (resolution, error) = await FindAsync(socket, cancellationToken);
        return (resolution?.Address == DockerAddress.Joined ? DockerAddress.Joined : DockerAddress.Bridge, error);
    }

    /// <summary>Found once, and kept. An error if the engine does not answer, or does not put the gateway's container on a network.</summary>
    public async Task<(Resolution? Resolution, EngineError? Error)> FindAsync(string socket, CancellationToken cancellationToken) =>
        _found is { } found ? (found, null) : await _finding.DoAsync(socket, () => FindAsync(socket), cancellationToken);

    private async Task<(Resolution? Resolution, EngineError? Error)> FindAsync(string socket)
    {
        if (_found is { } found)
        {
            return (found, null);
        }

        var (own, error) = await gateway.FindAsync(CancellationToken.None);
        var (resolution, unreachable) = error is { IsUnreachable: true } ? (null, error)
            : own is null || IsOnTheHosts(own) ? await FindBridgeAsync(socket)
            : await JoinAsync(own.Id);
        _found = resolution;
        return (resolution, unreachable);
    }

    private static bool IsOnTheHosts(Container container) => container.NetworkSettings?.Networks?.ContainsKey("host") == true;

    private async Task<(Resolution? Resolution, EngineError? Error)> JoinAsync(string own)
    {
        var version = await engine.NegotiateAsync(CancellationToken.None);
        if (version.Value is { IsPodman: true })
        {
            return (new Resolution(DockerAddress.Published, "the gateway is in a container of podman's, which keeps networks not apart"), null);
        }

        // Whoever is on it by now, the gateway is to be there too.
        var joined = await slots.EnsureLowestAsync(CancellationToken.None);
        if (!joined.Succeeded)
        {
            // No way out of that with "published": a port of the host's loopback is not to be had from a container. It may be mended meanwhile.
            return (null, joined.Error);
        }

        // What the engine did has to show here: then it is this process's own network that it did it to.
        var address = IPAddress.TryParse(joined.Value.Containers?.GetValueOrDefault(own)?.IPv4Address?.Split('/')[0], out var parsed) ? parsed : null;
        return address is not null && IsThisHosts(address)
            ? (new Resolution(DockerAddress.Joined, string.Create(CultureInfo.InvariantCulture, $"the gateway is in the container {own[..12]} of this engine, which joins its instances' networks")), null)
            : (new Resolution(DockerAddress.Published, $"the engine put the container {own[..12]} on the network {joined.Value.Name}, and it does not show in the gateway's"), null);
    }

    private async Task<(Resolution? Resolution, EngineError? Error)> FindBridgeAsync(string socket)
    {
        var network = await bridge.EnsureAsync(CancellationToken.None);
        if (!network.Succeeded)
        {
            return Failed(network.Error);
        }

        var address = GatewayOf(network.Value);
        return address is not null && IsThisHosts(address)
            ? (new Resolution(DockerAddress.Bridge, $"{address} of the network {bridge.Name} is this host's"), null)
            : await IsPodmanHereAsync(socket)
            ? (new Resolution(DockerAddress.Bridge, $"podman, which makes the network {bridge.Name} with its first container, is on this host"), null)
            : (new Resolution(DockerAddress.Published, $"this host has no address in the network {bridge.Name}"), null);
    }

    private static (Resolution? Resolution, EngineError? Error) Failed(EngineError error) => error.IsUnreachable
        ? (null, error)
        : (new Resolution(DockerAddress.Published, error.Message), null);

    private async Task<bool> IsPodmanHereAsync(string socket)
    {
        var version = await engine.NegotiateAsync(CancellationToken.None);
        var info = await engine.GetInfoAsync(CancellationToken.None);
        return version.Value is { IsPodman: true } && info.Value is { Rootless: false } there && EngineHost.Obstacle(socket, there.Name) is null;
    }

    // Some engines write the prefix length behind the address.
    private static IPAddress? GatewayOf(Network network) => network.Ipam?.Config?
        .Select(config => IPAddress.TryParse(config.Gateway?.Split('/')[0], out var address) ? address : null)
        .FirstOrDefault(address => address is not null);

    // The kernel tells: .NET's list of addresses fails when an interface comes or goes while it is made.
    private static bool IsThisHosts(IPAddress address)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(address, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
