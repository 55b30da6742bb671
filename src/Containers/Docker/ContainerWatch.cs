using System.Net;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker.Engine;
using Instancer.Containers.Linux;

namespace Instancer.Containers.Docker;

/// <summary>What one look at a container showed.</summary>
internal enum Look
{
    /// <summary>It does not accept connections yet.</summary>
    Nothing,

    /// <summary>It accepts connections.</summary>
    Listening,

    /// <summary>It does not, and the engine should be asked if it still runs.</summary>
    MayHaveEnded,
}

/// <summary>A container that was started, as one inspection showed it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Pid">Its first process, as the engine's host numbers it; 0 if it has ended.</param>
/// <param name="Ip">Its address in its network, if any.</param>
/// <param name="Address">How it is reached.</param>
/// <param name="OnHostKernel">Whether the host's kernel knows its sockets; see <see cref="HostKernel"/>.</param>
/// <param name="AwaitsHealth">Whether its health check, if it has one, had not passed; see <see cref="HealthCheck"/>.</param>
internal sealed record RunningContainer(string Id, int Pid, IPAddress Ip, ContainerAddress Address, bool OnHostKernel, bool AwaitsHealth = false)
{
    private static readonly IPAddress NameServer = new([127, 0, 0, 11]);

    /// <summary>What an inspection shows of a container that is reached at <paramref name="address"/>, and one of the container whose network it is in.</summary>
    public static RunningContainer Of(Container container, ContainerAddress address, Container network)
    {
        var ip = network.NetworkSettings?.Networks?
            .Where(endPoint => address is not ContainerAddress.Joined { Network: var joined } || endPoint.Key == joined)
            .Select(endPoint => IPAddress.TryParse(endPoint.Value.IPAddress, out var parsed) ? parsed : null)
            .FirstOrDefault(parsed => parsed is not null);
        // No address: it has ended.
        return new RunningContainer(
            container.Id,
            container.State.Pid,
            ip ?? IPAddress.None,
            address,
            HostKernel.Runs(container.HostConfig?.Runtime),
            HealthCheck.HoldsBack(container.State.Health));
    }

    public Backend ToBackend(BackendAddress address, DateTimeOffset createdAt, Task<BackendExit> exited) => new()
    {
        Id = Id,
        Address = address,
        Port = Address.HostPort,
        CreatedAt = createdAt,
        Exited = exited,
    };

    /// <summary>Where sessions dial. From inside that is its own loopback, where a server at any address is reached.</summary>
    public IPEndPoint Dialled => Address switch
    {
        ContainerAddress.Published published => published.EndPoint,
        ContainerAddress.Namespace => new IPEndPoint(IPAddress.Loopback, Address.ContainerPort),
        _ => new IPEndPoint(Ip, Address.ContainerPort),
    };

    /// <summary>Whether it is the engine that listens there: in every container on a network like ours it puts a name server of its own, at any port.</summary>
    public bool IsNameServer(IPEndPoint listening) => !Ip.Equals(IPAddress.None) && listening.Address.Equals(NameServer);
}

/// <summary>Looks again and again whether the server in one container accepts connections.</summary>
internal sealed class ContainerWatch
{
    private readonly RunningContainer _container;
    private readonly ConnectProbe _connect;
    private readonly ListenerLookup? _lookup;

    public ContainerWatch(RunningContainer container, ConnectProbe connect)
    {
        (_container, _connect) = (container, connect);
        if (container.OnHostKernel && HostProcesses.BelongsTo(container.Pid, container.Id))
        {
            // From inside a server is reached wherever it listens.
            var port = container.Address.ContainerPort;
            _lookup = container.Address is ContainerAddress.Namespace
                ? new ListenerLookup(container.Pid, listening => listening.Port == port && !container.IsNameServer(listening))
                : new ListenerLookup(container.Pid, new IPEndPoint(container.Ip, port));
        }
    }

    /// <summary>Whether a look takes a connection.</summary>
    public bool Dials => _lookup is null;

    /// <summary>Where sessions dial, once it listens.</summary>
    public BackendAddress Address => _container.Address is ContainerAddress.Namespace
        ? new NamespaceBackendAddress(_container.Pid, _container.Id, Inside(_lookup?.Found?.EndPoint))
        : new TcpBackendAddress(_container.Dialled);

    public Task<Look> LookAsync(CancellationToken cancellationToken)
    {
        if (_lookup is null)
        {
            // Its loopback can be dialled from inside only: from here it would be the gateway's own. And of a container that has ended the address may
            // be anybody's: podman takes a network's bridge away with the last container, and the way to it then leads out of the host.
            return _container.Address is ContainerAddress.Namespace || _container.Pid == 0
                ? Task.FromResult(Look.MayHaveEnded)
                : _connect.LookAsync(_container, cancellationToken);
        }

        return Task.FromResult(_lookup.Look() switch
        {
            ListenerState.Present => Look.Listening,
            ListenerState.Absent => Look.Nothing,
            _ => Look.MayHaveEnded,
        });
    }

    private IPEndPoint Inside(IPEndPoint? listening) =>
        listening is null || listening.Address.Equals(IPAddress.Any) || listening.Address.Equals(IPAddress.IPv6Any) ? _container.Dialled : listening;
}
