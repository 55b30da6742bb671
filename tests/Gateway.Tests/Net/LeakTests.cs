using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net;

[Collection(Alone.Name)]
public sealed class LeakTests
{
    [LinuxTheory, EachTransport]
    public async Task Sockets_are_closed_however_their_session_ended(string transport)
    {
        using var rig = new Rig(transport);
        await RunSessionAsync(rig, (client, server, _) => EndBoth(client, server));
        var before = OpenFiles.Count();

        for (var i = 0; i < 20; i++)
        {
            await RunSessionAsync(rig, (client, server, _) => EndBoth(client, server));
            await RunSessionAsync(rig, (client, _, _) => client.Reset());
            await RunSessionAsync(rig, (_, server, _) => server.Reset());
            await RunSessionAsync(rig, (_, _, session) => session.Reset());
            await RunSessionAsync(rig, (client, _, session) =>
            {
                client.Reset();
                session.Reset();
            });
        }

        await Eventually.TrueAsync(() => OpenFiles.Count() <= before, $"no more than {before} files are open");
    }

    [LinuxTheory, EachTransport]
    public async Task Sockets_are_closed_when_no_session_came_of_them(string transport)
    {
        using var rig = new Rig(transport);
        await OnceAsync();
        var before = OpenFiles.Count();

        for (var i = 0; i < 20; i++)
        {
            await OnceAsync();
        }

        await Eventually.TrueAsync(() => OpenFiles.Count() <= before, $"no more than {before} files are open");

        async Task OnceAsync()
        {
            var nobody = new RawBackend();
            nobody.Dispose();
            using var given = new CancellationTokenSource();
            var (first, reading) = await rig.AcceptAsync();
            var preamble = reading.ReadPreambleAsync(given.Token);
            var reset = reading.WaitForResetAsync(given.Token);
            await given.CancelAsync();
            await preamble.WaitAsync(RawSocket.Deadline);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reset.WaitAsync(RawSocket.Deadline));
            reading.Dispose();
            first.Dispose();

            var (second, unread) = await rig.AcceptAsync();
            unread.Reset();
            second.Dispose();

            var (server, dialled) = await rig.DialAsync();
            dialled.Dispose();
            server.Dispose();
            var refused = new TcpBackendAddress(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 1));
            Assert.IsType<DialOutcome.Failed>(await rig.Transport.DialAsync(refused, default));
            Assert.IsType<DialOutcome.Failed>(await rig.Transport.DialAsync(refused, given.Token));
        }
    }

    [LinuxTheory, EachTransport]
    public void A_transport_that_is_closed_has_no_file_open(string transport)
    {
        new Rig(transport).Dispose();
        var before = OpenFiles.Count();

        for (var i = 0; i < 5; i++)
        {
            new Rig(transport).Dispose();
        }

        Assert.Equal(before, OpenFiles.Count());
    }

    [LinuxTheory, EachTransport]
    public async Task The_open_file_limit_is_try_later_and_passes(string transport)
    {
        using var rig = new Rig(transport);
        var (warm, _) = await rig.AcceptAsync();
        warm.Dispose();
        using var client = await RawSocket.ConnectAsync(rig.Listener.LocalAddress);

        using (new OpenFileLimit())
        {
            var later = Assert.IsType<AcceptOutcome.TryLater>(await rig.Listener.AcceptAsync().WaitAsync(RawSocket.Deadline));
            Assert.StartsWith("Too many open files", later.Reason, StringComparison.Ordinal);
            var failed = Assert.IsType<DialOutcome.Failed>(
                await rig.Transport.DialAsync(new TcpBackendAddress(rig.Backend.EndPoint), default).WaitAsync(RawSocket.Deadline));
            Assert.StartsWith($"{rig.Backend.EndPoint}: Too many open files", failed.Reason, StringComparison.Ordinal);
        }

        var outcome = await rig.Listener.AcceptAsync().WaitAsync(RawSocket.Deadline);
        using var accepted = Assert.IsType<AcceptOutcome.Accepted>(outcome).Socket;
        Assert.Equal(client.Socket.LocalEndPoint!.ToString(), accepted.RemoteAddress);
    }

    [LinuxTheory, EachTransport]
    public async Task The_open_file_limit_is_try_later_for_the_very_first_client_too(string transport)
    {
        using var rig = new Rig(transport);
        using var client = await RawSocket.ConnectAsync(rig.Listener.LocalAddress);
        using (new OpenFileLimit())
        {
            Assert.IsType<AcceptOutcome.TryLater>(await rig.Listener.AcceptAsync().WaitAsync(RawSocket.Deadline));
        }

        // What is open may be counted once a second only.
        AcceptOutcome outcome = new AcceptOutcome.Closed();
        await Eventually.TrueAsync(
            async () => (outcome = await rig.Listener.AcceptAsync()) is not AcceptOutcome.TryLater, "a client is accepted again");
        using var accepted = Assert.IsType<AcceptOutcome.Accepted>(outcome).Socket;
        Assert.Equal(client.Socket.LocalEndPoint!.ToString(), accepted.RemoteAddress);
    }

    private static void EndBoth(RawSocket client, RawSocket server)
    {
        client.EndSending();
        server.EndSending();
    }

    private static async Task RunSessionAsync(Rig rig, Action<RawSocket, RawSocket, ISession> end)
    {
        var (client, server, session) = await rig.StartAsync();
        await client.SendAsync(new byte[10]);
        await server.ReceiveAsync(10);
        end(client, server, session);
        await session.Completion.WaitAsync(RawSocket.Deadline);
        client.Dispose();
        server.Dispose();
    }
}
