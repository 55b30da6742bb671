using System.Net;
using System.Net.Sockets;
using Instancer.Containers.Docker;

namespace Instancer.Containers.Tests.Docker;

/// <summary>The fallback where a container's table of sockets cannot be read.</summary>
public sealed class ConnectProbeTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConnectProbe _probe = new(TimeProvider.System);

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task A_port_that_refuses_is_not_ready()
    {
        var port = LineClient.FreePort();
        Assert.Equal(Look.MayHaveEnded, await _probe.LookAsync(Bridge(port), CancellationToken.None));
        Assert.Equal(Look.MayHaveEnded, await _probe.LookAsync(Published(port), CancellationToken.None));
    }

    [Fact]
    public async Task A_port_that_accepts_is_ready()
    {
        _listener.Start();
        var port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        Assert.Equal(Look.Listening, await _probe.LookAsync(Bridge(port), CancellationToken.None));
        Assert.Equal(Look.Listening, await _probe.LookAsync(Published(port), CancellationToken.None));
    }

    [Fact]
    public async Task A_published_port_whose_proxy_closes_at_once_is_not_ready()
    {
        _listener.Start();
        var looking = _probe.LookAsync(Published(((IPEndPoint)_listener.LocalEndpoint).Port), CancellationToken.None);
        (await _listener.AcceptSocketAsync()).Dispose();
        Assert.Equal(Look.MayHaveEnded, await looking);
    }

    [Fact]
    public async Task A_published_port_on_which_the_server_speaks_is_ready()
    {
        _listener.Start();
        var looking = _probe.LookAsync(Published(((IPEndPoint)_listener.LocalEndpoint).Port), CancellationToken.None);
        using var socket = await _listener.AcceptSocketAsync();
        await socket.SendAsync("hello"u8.ToArray());
        Assert.Equal(Look.Listening, await looking);
    }

    [Fact]
    public async Task A_server_on_a_joined_network_that_closes_at_once_is_ready()
    {
        _listener.Start();
        var container = Bridge(0) with { Address = new ContainerAddress.Joined(((IPEndPoint)_listener.LocalEndpoint).Port, "slot") };
        var looking = _probe.LookAsync(container, CancellationToken.None);
        (await _listener.AcceptSocketAsync()).Dispose();
        Assert.Equal(Look.Listening, await looking);
    }

    [Fact]
    public async Task A_container_that_has_ended_is_not_dialled_at_an_address_that_may_be_anothers()
    {
        _listener.Start();
        var ended = Bridge(((IPEndPoint)_listener.LocalEndpoint).Port);
        Assert.Equal(Look.MayHaveEnded, await new ContainerWatch(ended, _probe).LookAsync(CancellationToken.None));
        Assert.False(_listener.Pending());
    }

    [Fact]
    public async Task One_that_was_ready_before_is_listed_without_a_connection_as_long_as_it_runs()
    {
        _listener.Start();
        var readiness = new ContainerReadiness(null!, null!, null, TimeProvider.System);
        var container = Bridge(((IPEndPoint)_listener.LocalEndpoint).Port) with { Pid = int.MaxValue };
        Assert.True((await readiness.LookAsync(container, CancellationToken.None)).IsReady);
        (await _listener.AcceptSocketAsync()).Dispose();

        readiness.ForgetOthers(["id"]);
        Assert.True((await readiness.LookAsync(container, CancellationToken.None)).IsReady);
        Assert.False(_listener.Pending());
        Assert.False((await readiness.LookAsync(container with { Pid = 0 }, CancellationToken.None)).IsReady);

        _listener.Stop();
        readiness.ForgetOthers([]);
        Assert.False((await readiness.LookAsync(container, CancellationToken.None)).IsReady);
    }

    private static RunningContainer Bridge(int port) => new("id", 0, IPAddress.Loopback, new ContainerAddress.Bridge(port), OnHostKernel: true);

    private static RunningContainer Published(int port) =>
        new("id", 0, IPAddress.None, new ContainerAddress.Published(1, new IPEndPoint(IPAddress.Loopback, port)), OnHostKernel: true);
}
