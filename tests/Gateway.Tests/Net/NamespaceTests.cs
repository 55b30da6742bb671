using System.Diagnostics;
using System.Globalization;
using System.Text;
using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Gateway.Net;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net;

/// <summary>Dialling from inside the network namespaces of real containers.</summary>
[Collection(Alone.Name)]
public sealed class NamespaceTests(DockerEngineFixture fixture) : IClassFixture<DockerEngineFixture>
{
    private const string LastProcessId = "/proc/sys/kernel/ns_last_pid";

    [EngineFact]
    public async Task A_server_without_any_network_is_as_good_as_connected()
    {
        using var rig = new Rig(EachTransportAttribute.Epoll);
        await using var container = await BareContainer.StartAsync(fixture.Engine);
        var (client, session) = await SessionAsync(rig, container.Address);

        await client.SendAsync("hello\nworld\n"u8.ToArray());
        client.EndSending();

        Assert.Equal("1 olleh\n2 dlrow\n", Encoding.ASCII.GetString(await client.ReceiveToEndAsync()));
        Assert.Equal(new SessionEnd(SessionEndCause.Finished, 12, 16), await session.Completion.WaitAsync(RawSocket.Deadline));
    }

    [EngineFact]
    public async Task A_server_on_the_containers_loopback_alone_is_reached_too()
    {
        using var rig = new Rig(EachTransportAttribute.Epoll);
        await using var container = await BareContainer.StartAsync(
            fixture.Engine, "/bin/busybox", "httpd", "-f", "-p", $"127.0.0.1:{TestImages.Port}");
        var (client, _) = await SessionAsync(rig, container.Address);
        await client.SendAsync("GET / HTTP/1.0\r\n\r\n"u8.ToArray());
        Assert.StartsWith("HTTP/1.", Encoding.ASCII.GetString(await client.ReceiveToEndAsync()), StringComparison.Ordinal);
    }

    [EngineFact]
    public async Task A_reset_is_a_reset_in_either_direction()
    {
        using var rig = new Rig(EachTransportAttribute.Epoll);
        await using var container = await BareContainer.StartAsync(fixture.Engine);
        var (resetting, reset) = await SessionAsync(rig, container.Address);
        resetting.Reset();
        Assert.Equal(SessionEndCause.ClientReset, (await reset.Completion.WaitAsync(RawSocket.Deadline)).Cause);

        // A process that is killed with bytes unread resets its connection.
        await using var deaf = await BareContainer.StartAsync(fixture.Engine, "/bin/sh", "-c", "exec nc -ll -p 1337 -e /bin/sleep 1000");
        var (client, session) = await SessionAsync(rig, deaf.Address);
        await client.SendAsync("unread"u8.ToArray());
        await Eventually.TrueAsync(() => session.BytesRelayed == 6, "the bytes are the container's");
        await deaf.KillAsync();
        await client.ReceiveToResetAsync();
        Assert.Equal(SessionEndCause.BackendReset, (await session.Completion.WaitAsync(RawSocket.Deadline)).Cause);
    }

    [EngineFact]
    public async Task A_container_that_has_ended_fails_at_once()
    {
        using var rig = new Rig(EachTransportAttribute.Epoll);
        await using var container = await BareContainer.StartAsync(fixture.Engine);
        await container.KillAsync();

        Assert.Equal($"{container.Address}: it has ended", await FailedAsync(rig, container.Address));
    }

    [EngineFact]
    public async Task A_port_where_nobody_listens_fails_at_once()
    {
        using var rig = new Rig(EachTransportAttribute.Epoll);
        await using var container = await BareContainer.StartAsync(fixture.Engine);
        var nobody = container.Address with { EndPoint = new(System.Net.IPAddress.Loopback, 1) };

        Assert.Equal($"{nobody}: Connection refused", await FailedAsync(rig, nobody));
    }

    [EngineFact]
    public async Task A_process_id_that_was_given_to_another_process_is_not_dialled()
    {
        using var rig = new Rig(EachTransportAttribute.Epoll);
        await using var container = await BareContainer.StartAsync(fixture.Engine);
        await container.KillAsync();
        using var another = await StartUnderAsync(container.ProcessId);
        try
        {
            // In the other process's network somebody listens at that very address.
            var address = container.Address with { EndPoint = rig.Backend.EndPoint };
            Assert.Equal($"{address}: it has ended, and its process's number is another's", await FailedAsync(rig, address));
            using var accepting = await AcceptedFirstAsync(rig);
        }
        finally
        {
            another.Kill();
            await another.WaitForExitAsync();
        }
    }

    [EngineFact]
    public async Task Dials_leave_no_descriptor_and_no_process_in_the_containers_network()
    {
        using var rig = new Rig(EachTransportAttribute.Epoll);
        // This server's backlog is long enough for dials in quick succession.
        await using var container = await BareContainer.StartAsync(fixture.Engine, "/bin/busybox", "httpd", "-f", "-p", $"{TestImages.Port}");
        await using var ended = await BareContainer.StartAsync(fixture.Engine);
        await ended.KillAsync();
        await OnceAsync();
        var before = OpenFiles.Count();

        for (var i = 0; i < 200; i++)
        {
            await OnceAsync();
        }

        await Eventually.TrueAsync(() => OpenFiles.Count() <= before, $"no more than {before} files are open");
        Assert.All(Directory.GetDirectories("/proc/self/task"), thread => Assert.Equal(Own("/proc/self"), Own(thread)));

        async Task OnceAsync()
        {
            Assert.IsType<DialOutcome.Connected>(await rig.Transport.DialAsync(container.Address, default)).Socket.Dispose();
            await FailedAsync(rig, ended.Address);
        }

        static string? Own(string thread) => new FileInfo(thread + "/ns/net").LinkTarget;
    }

    [EngineFact]
    public async Task A_dial_that_is_given_up_or_comes_too_late_is_an_outcome()
    {
        using var given = new CancellationTokenSource();
        await given.CancelAsync();
        var rig = new Rig(EachTransportAttribute.Epoll);
        await using var container = await BareContainer.StartAsync(fixture.Engine);
        var givenUp = await rig.Transport.DialAsync(container.Address, given.Token).WaitAsync(RawSocket.Deadline);
        Assert.Equal($"{container.Address}: given up", Assert.IsType<DialOutcome.Failed>(givenUp).Reason);
        rig.Dispose();
        Assert.Equal($"{container.Address}: given up", await FailedAsync(rig, container.Address));
    }

    [Fact]
    public async Task The_portable_transport_says_that_it_cannot()
    {
        using var rig = new Rig(EachTransportAttribute.Portable);
        var address = new NamespaceBackendAddress(1, "0123456789abcdef", rig.Backend.EndPoint);
        Assert.Equal(
            $"{rig.Backend.EndPoint} in the network of container 0123456789ab: this transport dials from the gateway's own network only",
            await FailedAsync(rig, address));
    }

    [EngineFact]
    public void Whoever_may_start_an_engine_may_enter_network_namespaces() => Assert.Null(Transport.NamespaceObstacle());

    private static async Task<(RawSocket Client, ISession Session)> SessionAsync(Rig rig, BackendAddress address)
    {
        var dialled = await rig.Transport.DialAsync(address, default).WaitAsync(RawSocket.Deadline);
        var backend = Assert.IsType<DialOutcome.Connected>(dialled).Socket;
        var (client, accepted) = await rig.AcceptAsync();
        return (client, rig.Transport.Start(accepted, backend));
    }

    private static async Task<string> FailedAsync(Rig rig, BackendAddress address) =>
        Assert.IsType<DialOutcome.Failed>(await rig.Transport.DialAsync(address, default).WaitAsync(RawSocket.Deadline)).Reason;

    // The one that is dialled now is the first that comes.
    private static async Task<RawSocket> AcceptedFirstAsync(Rig rig)
    {
        using var socket = await RawSocket.ConnectAsync(rig.Backend.EndPoint);
        var accepted = await rig.Backend.AcceptAsync();
        Assert.Equal(socket.Socket.LocalEndPoint, accepted.Socket.RemoteEndPoint);
        return accepted;
    }

    private static async Task<Process> StartUnderAsync(int processId)
    {
        // Others start processes and threads too, and may be quicker; so it is tried again. By a shell, which starts none but these.
        var script = $"tries=0; while [ $tries -lt 1000 ]; do echo {processId - 1} >{LastProcessId}; sleep 1000 & "
            + $"[ $! = {processId} ] && break; kill $!; wait $!; tries=$((tries + 1)); done; echo $!; exec sleep 0";
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardOutput = true })!;
        var started = int.Parse((await shell.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        await shell.WaitForExitAsync();
        Assert.Equal(processId, started);
        return Process.GetProcessById(started);
    }
}
