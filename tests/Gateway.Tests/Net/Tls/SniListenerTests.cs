using System.Security.Authentication;
using Instancer.Actors.Connections;
using Instancer.Gateway.Net;
using Instancer.Gateway.Net.Tls;
using Instancer.TestKit;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net.Tls;

[Collection(Alone.Name)]
public sealed class SniListenerTests
{
    private readonly RecordingLogger _log = new();

    [Theory, EachTransport]
    public async Task The_name_chooses_the_challenge(string transport)
    {
        await using var rig = new TlsRig(transport);
        var listener = Listen(rig);
        var (web, pwn) = (listener.Of("web"), listener.Of("pwn"));
        Assert.Equal(rig.Rig.Listener.LocalAddress, web.LocalAddress);
        var (acceptWeb, acceptPwn) = (web.AcceptAsync(), pwn.AcceptAsync());

        using var one = await TlsPeer.ConnectAsync(web.LocalAddress, "PWN.example");
        using var other = await TlsPeer.ConnectAsync(web.LocalAddress, "web.example");

        Assert.Equal(one.Raw.Socket.LocalEndPoint!.ToString(), Socket(await acceptPwn.WaitAsync(RawSocket.Deadline)).RemoteAddress);
        Assert.Equal(other.Raw.Socket.LocalEndPoint!.ToString(), Socket(await acceptWeb.WaitAsync(RawSocket.Deadline)).RemoteAddress);
        await Assert.ThrowsAnyAsync<Exception>(() => TlsPeer.ConnectAsync(web.LocalAddress, "none.example"));
        await Assert.ThrowsAnyAsync<Exception>(() => TlsPeer.ConnectAsync(web.LocalAddress));
        Close(listener);
    }

    [Theory, EachTransport]
    public async Task Silent_clients_keep_nobody_out_and_the_oldest_goes(string transport)
    {
        await using var rig = new TlsRig(transport);
        var listener = Listen(rig, new SniOptions { MostHandshakes = 4, HandshakeTimeout = TimeSpan.FromMinutes(5) });
        var web = listener.Of("web");
        var accept = web.AcceptAsync();
        var silent = new List<RawSocket>();
        for (var i = 0; i < 4; i++)
        {
            silent.Add(await RawSocket.ConnectAsync(web.LocalAddress));
            var wanted = i + 1;
            await Eventually.TrueAsync(() => listener.Handshakes == wanted, "the handshake is under way");
        }

        using var client = await TlsPeer.ConnectAsync(web.LocalAddress, "web.example");

        Socket(await accept.WaitAsync(RawSocket.Deadline)).Dispose();
        await silent[0].ExpectEndAsync();
        await Eventually.TrueAsync(() => listener.Handshakes == 3, "the other three go on");
        silent.ForEach(socket => socket.Dispose());
        await Eventually.TrueAsync(() => listener.Handshakes == 0, "all places are free");
        Close(listener);
    }

    [Theory, EachTransport]
    public async Task A_handshake_that_takes_too_long_is_closed(string transport)
    {
        await using var rig = new TlsRig(transport);
        var listener = Listen(rig, new SniOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(50) });
        var accept = listener.Of("web").AcceptAsync();
        using var silent = await RawSocket.ConnectAsync(rig.Rig.Listener.LocalAddress);

        await silent.ExpectEndAsync();

        Close(listener);
        Assert.IsType<AcceptOutcome.Closed>(await accept.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task A_challenge_that_takes_nobody_starves_no_other(string transport)
    {
        await using var rig = new TlsRig(transport);
        var listener = Listen(rig, new SniOptions { MostWaiting = 2 });
        var pwn = listener.Of("pwn");
        listener.Start();
        var peers = new List<TlsPeer>();
        for (var i = 0; i < 5; i++)
        {
            peers.Add(await TlsPeer.ConnectAsync(pwn.LocalAddress, "web.example"));
        }

        // Two wait, the others are closed.
        var ended = 0;
        foreach (var peer in peers)
        {
            _ = peer.ReceiveToEndAsync().ContinueWith(_ => Interlocked.Increment(ref ended), TaskScheduler.Default);
        }

        await Eventually.TrueAsync(() => Volatile.Read(ref ended) == 3, "three are closed");
        using var client = await TlsPeer.ConnectAsync(pwn.LocalAddress, "pwn.example");
        Socket(await pwn.AcceptAsync().WaitAsync(RawSocket.Deadline)).Dispose();
        Assert.Single(_log.Of(6403));

        for (var i = 0; i < 2; i++)
        {
            Socket(await listener.Of("web").AcceptAsync().WaitAsync(RawSocket.Deadline)).Dispose();
        }

        await Eventually.TrueAsync(() => Volatile.Read(ref ended) == 5, "all are closed");
        peers.ForEach(peer => peer.Dispose());
        Close(listener);
    }

    [Theory, EachTransport]
    public async Task What_comes_before_may_refuse_a_client_or_say_who_it_is(string transport)
    {
        await using var rig = new TlsRig(transport);
        var refuses = true;
        var listener = Listen(rig, before: async (socket, token) =>
        {
            var first = new byte[1];
            if (await socket.ReadAsync(first, token) < 1 || refuses)
            {
                socket.Dispose();
                return null;
            }

            return socket;
        });
        var accept = listener.Of("web").AcceptAsync();
        using (var refused = await RawSocket.ConnectAsync(rig.Rig.Listener.LocalAddress))
        {
            await refused.SendAsync("x"u8.ToArray());
            await refused.ExpectEndAsync();
        }

        refuses = false;
        using var raw = await RawSocket.ConnectAsync(rig.Rig.Listener.LocalAddress);
        await raw.SendAsync("x"u8.ToArray());
        using var client = await TlsPeer.OverAsync(raw, "web.example");
        using var accepted = Socket(await accept.WaitAsync(RawSocket.Deadline));
        await client.SendAsync("hello"u8.ToArray());
        var bytes = new byte[5];
        Assert.Equal(5, await ((IExactSocket)accepted).ReadAsync(bytes, default).WaitAsync(RawSocket.Deadline));
        Close(listener);
    }

    [Theory, EachTransport]
    public async Task What_comes_before_and_fails_costs_its_client_only(string transport)
    {
        await using var rig = new TlsRig(transport);
        var fails = true;
        var listener = Listen(rig, before: async (socket, token) =>
            await socket.ReadAsync(new byte[1], token) == 1 && fails ? throw new InvalidOperationException("planted") : socket);
        var accept = listener.Of("web").AcceptAsync();
        using (var lost = await RawSocket.ConnectAsync(rig.Rig.Listener.LocalAddress))
        {
            await lost.SendAsync("x"u8.ToArray());
            await lost.ExpectResetAsync();
        }

        fails = false;
        using var raw = await RawSocket.ConnectAsync(rig.Rig.Listener.LocalAddress);
        await raw.SendAsync("x"u8.ToArray());
        using var client = await TlsPeer.OverAsync(raw, "web.example");
        Socket(await accept.WaitAsync(RawSocket.Deadline)).Dispose();
        Assert.Equal("planted", Assert.Single(_log.Of(6404)).Exception!.Message);
        Close(listener);
    }

    [Theory, EachTransport]
    public async Task Closing_a_part_refuses_its_name_and_closing_all_closes_the_port(string transport)
    {
        await using var rig = new TlsRig(transport);
        var listener = Listen(rig);
        var (web, pwn) = (listener.Of("web"), listener.Of("pwn"));
        var (acceptWeb, acceptPwn) = (web.AcceptAsync(), pwn.AcceptAsync());
        using var silent = await RawSocket.ConnectAsync(web.LocalAddress);
        await Eventually.TrueAsync(() => listener.Handshakes == 1, "the handshake is under way");

        web.Dispose();
        Assert.IsType<AcceptOutcome.Closed>(await acceptWeb.WaitAsync(RawSocket.Deadline));
        Assert.IsType<AcceptOutcome.Closed>(await web.AcceptAsync().WaitAsync(RawSocket.Deadline));
        await Assert.ThrowsAnyAsync<Exception>(() => TlsPeer.ConnectAsync(pwn.LocalAddress, "web.example"));
        using var waits = await TlsPeer.ConnectAsync(pwn.LocalAddress, "pwn.example");
        Socket(await acceptPwn.WaitAsync(RawSocket.Deadline)).Dispose();
        using var queued = await TlsPeer.ConnectAsync(pwn.LocalAddress, "pwn.example");
        await Eventually.TrueAsync(() => listener.Handshakes == 1, "it waits to be accepted");

        pwn.Dispose();
        pwn.Dispose();

        Assert.Empty(await queued.ReceiveToEndAsync());
        await silent.ExpectEndAsync();
        Assert.IsType<AcceptOutcome.Closed>(await rig.Rig.Listener.AcceptAsync().WaitAsync(RawSocket.Deadline));
    }

    [LinuxTheory, EachTransport]
    public async Task Handshakes_that_are_broken_off_anywhere_leave_no_file_open(string transport)
    {
        await using var rig = new TlsRig(transport);
        var listener = Listen(rig, new SniOptions { MostHandshakes = 16 });
        var web = listener.Of("web");
        var random = new Random(7);
        var accepting = AcceptAllAsync(web);
        for (var i = 0; i < 3; i++)
        {
            await WithOneAsync(FaultPlan.None);
        }

        await Eventually.TrueAsync(() => listener.Handshakes == 0, "all places are free");
        var before = OpenFiles.Count();

        for (var i = 0; i < 200; i++)
        {
            // A hello and what follows it are some 600 bytes.
            var at = random.Next(0, 700);
            await WithOneAsync(i % 2 == 0 ? new FaultPlan { EndAt = at } : new FaultPlan { ResetAt = at });
        }

        await Eventually.TrueAsync(() => listener.Handshakes == 0, "all places are free");
        await Eventually.TrueAsync(() => OpenFiles.Count() <= before, $"no more than {before} files are open");
        Close(listener);
        Assert.InRange(await accepting.WaitAsync(RawSocket.Deadline), 3, 203);

        async Task WithOneAsync(FaultPlan plan)
        {
            await using var proxy = new FaultProxy(System.Net.IPEndPoint.Parse(web.LocalAddress), new StreamFaults(plan, FaultPlan.None));
            try
            {
                using var client = await TlsPeer.ConnectAsync(proxy.EndPoint.ToString(), "web.example");
                await client.ReceiveToEndAsync();
            }
            catch (Exception e) when (plan != FaultPlan.None && e is IOException or AuthenticationException)
            {
                // Broken off, as it is to be.
            }
        }
    }

    private static async Task<int> AcceptAllAsync(IListener listener)
    {
        var count = 0;
        while (await listener.AcceptAsync() is AcceptOutcome.Accepted accepted)
        {
            count++;
            accepted.Socket.Dispose();
        }

        return count;
    }

    private SniListener Listen(TlsRig rig, SniOptions? options = null, Func<IAcceptedSocket, CancellationToken, ValueTask<IAcceptedSocket?>>? before = null)
    {
        Assert.True(TlsNames.TryCreate([("web.example", "web"), ("pwn.example", "pwn")], null, out var names, out _));
        return new SniListener(rig.Rig.Listener, ["web", "pwn"], () => names, _ => rig.Certificates, options ?? new SniOptions(), TimeProvider.System, _log) { Before = before };
    }

    private static IClientSocket Socket(AcceptOutcome outcome) => Assert.IsType<AcceptOutcome.Accepted>(outcome).Socket;

    private static void Close(SniListener listener)
    {
        listener.Of("web").Dispose();
        listener.Of("pwn").Dispose();
    }
}
