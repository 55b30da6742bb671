using System.Net;
using System.Security.Cryptography;
using Instancer.Actors.Connections;
using Instancer.Gate.Options;
using Instancer.Gate.Parsing;
using Instancer.Gateway.Entry;
using Instancer.Gateway.Net;
using Instancer.Gateway.Tests.Forwarding;
using Instancer.Gateway.Tests.Net;
using Instancer.TestKit;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Entry;

/// <summary>PROXY headers over real sockets.</summary>
public sealed class ProxyHeaderSocketTests
{
    private static readonly byte[] Line = EntryRig.Bytes("PROXY TCP4 203.0.113.9 198.51.100.1 40000 443\r\n");
    private static readonly byte[] Binary = ProxyHeader.Write(IPEndPoint.Parse("203.0.113.9:40000"), IPEndPoint.Parse("198.51.100.1:443"));
    private static readonly byte[] Own = [.. Binary[..12], 0x20, 0, 0, 3, 4, 0, 0];
    private static readonly byte[] Sent = RandomNumberGenerator.GetBytes(Preamble.Length);

    [Theory, EachTransport]
    public async Task A_header_in_pieces_says_who_the_client_is_and_what_is_behind_it_is_the_clients(string transport)
    {
        foreach (var header in (byte[][])[Line, Binary])
        {
            using var rig = new EntryRig(transport, EntryRig.Proxied);
            var client = await rig.ConnectAsync();
            var accepting = rig.AcceptAsync();
            foreach (var one in header)
            {
                Assert.False(accepting.IsCompleted);
                await client.SendAsync(new[] { one });
            }

            var payload = RandomNumberGenerator.GetBytes(100_000);
            var accepted = await accepting;
            var sending = client.SendAsync((byte[])[.. Sent, .. payload]);
            await AssertServedAsync(rig, accepted, payload);
            await sending;
        }
    }

    [Theory, EachTransport]
    public async Task A_header_with_everything_behind_it_is_taken_and_not_a_byte_more(string transport)
    {
        foreach (var header in (byte[][])[Line, Binary])
        {
            using var rig = new EntryRig(transport, EntryRig.Proxied);
            var payload = RandomNumberGenerator.GetBytes(1000);

            var (_, accepted) = await rig.MeetAsync([.. header, .. Sent, .. payload]);

            await AssertServedAsync(rig, accepted, payload);
        }
    }

    [Theory, EachTransport]
    public async Task A_proxys_own_connection_has_its_own_address(string transport)
    {
        using var rig = new EntryRig(transport, EntryRig.Proxied);

        var (client, accepted) = await rig.MeetAsync([.. Own, .. "x"u8]);

        Assert.Equal(client.Socket.LocalEndPoint, accepted.RemoteEndPoint);
        Assert.Equal(client.Socket.LocalEndPoint, rig.Places.Single().Of);
        Assert.Equal((byte)'x', Assert.Single(await ReadAsync(accepted, 1)));
    }

    [Theory, EachTransport]
    public async Task From_anybody_else_the_same_bytes_are_the_clients_own(string transport)
    {
        using var rig = new EntryRig(transport, new GateOptions { ProxiesIn = [IPNetwork.Parse("192.0.2.0/24")] });

        var (client, accepted) = await rig.MeetAsync(Line);

        Assert.Equal(client.Socket.LocalEndPoint!.ToString(), accepted.RemoteAddress);
        Assert.Equal(Line, await ReadAsync(accepted, Line.Length));
    }

    [Theory, EachTransport]
    public async Task A_trusted_proxy_that_sends_none_is_closed_without_a_byte_and_complained_of_once_a_minute(string transport)
    {
        using var rig = new EntryRig(transport, EntryRig.Proxied);
        var accepting = rig.AcceptAsync();
        for (var i = 0; i < 3; i++)
        {
            var client = await rig.ConnectAsync();
            await client.SendAsync(Sent);
            await PeerRig.AssertNothingCameAsync(client);
        }

        var good = await rig.ConnectAsync();
        await good.SendAsync(Binary);
        await accepting;
        Assert.Equal("The proxy 127.0.0.1 is trusted, but its connection was closed: it does not begin with a PROXY header (0 more since this was last said)", Assert.Single(rig.Log.Of(6300)).Text);
        Assert.Single(rig.Places);
    }

    [Theory, EachTransport]
    public async Task A_proxy_that_only_looks_whether_somebody_listens_is_not_complained_of(string transport)
    {
        using var rig = new EntryRig(transport, EntryRig.Proxied);
        var accepting = rig.AcceptAsync();

        var client = await rig.ConnectAsync();
        client.EndSending();
        await client.ExpectEndAsync();

        await (await rig.ConnectAsync()).SendAsync(Binary);
        await accepting;
        Assert.Empty(rig.Log.Lines);
    }

    [Theory, EachTransport]
    public async Task Nobody_waits_for_anothers_header(string transport)
    {
        using var rig = new EntryRig(transport, EntryRig.Proxied);
        var slow = await rig.ConnectAsync();
        await slow.SendAsync(Line.AsMemory(0, 20));
        var (_, first) = await rig.MeetAsync(Binary);
        Assert.Equal("203.0.113.9:40000", first.RemoteAddress);

        var accepting = rig.AcceptAsync();
        await slow.SendAsync(EntryRig.Bytes(".10 192.0.2.2 7 7\r\n"));

        Assert.Equal("203.0.113.10:7", (await accepting).RemoteAddress);
    }

    [Theory, EachTransport]
    public async Task A_header_that_does_not_come_in_time_closes_the_connection(string transport)
    {
        var time = new VirtualTime();
        using var rig = new EntryRig(transport, EntryRig.Proxied, time);
        var (client, raw) = await rig.Raw.AcceptAsync();
        await client.SendAsync(Line.AsMemory(0, 15));
        rig.Headers.Begin((IAcceptedSocket)raw);

        time.Advance(RawSocket.Deadline);

        await PeerRig.AssertNothingCameAsync(client);
        Assert.Contains("no whole PROXY header came in time", Assert.Single(rig.Log.Of(6300)).Text, StringComparison.Ordinal);
        Assert.Empty(rig.Places);
        Assert.Null(time.UntilNextTimer());
    }

    [Theory, EachTransport]
    public async Task Of_too_many_the_oldest_that_is_not_done_goes(string transport)
    {
        using var rig = new EntryRig(transport, EntryRig.Proxied);
        var clients = new List<RawSocket>();
        for (var i = 0; i < 3; i++)
        {
            var (client, raw) = await rig.Raw.AcceptAsync();
            rig.Headers.Begin((IAcceptedSocket)raw);
            clients.Add(client);
        }

        await PeerRig.AssertNothingCameAsync(clients[0]);
        for (var i = 2; i > 0; i--)
        {
            await clients[i].SendAsync(Line);
            GatedSocket? taken;
            while ((taken = rig.Headers.TryTake()) is null)
            {
                // The end of the one that went may be news too.
                await rig.Headers.News()!.WaitAsync(RawSocket.Deadline);
            }

            taken.Dispose();
        }

        Assert.Null(rig.Headers.News());
    }

    [Theory, EachTransport]
    public async Task Disposing_ends_what_is_under_way(string transport)
    {
        using var rig = new EntryRig(transport, EntryRig.Proxied);
        var slow = await rig.ConnectAsync();
        await slow.SendAsync(Line.AsMemory(0, 20));
        await rig.MeetAsync(Line);
        var accepting = rig.Listener.AcceptAsync();

        rig.Listener.Dispose();

        Assert.IsType<AcceptOutcome.Closed>(await accepting.WaitAsync(RawSocket.Deadline));
        await PeerRig.AssertNothingCameAsync(slow);
        Assert.IsType<AcceptOutcome.Closed>(await rig.Listener.AcceptAsync().WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task Disposing_closes_whoever_came_when_nobody_accepted(string transport)
    {
        using var rig = new EntryRig(transport, EntryRig.Proxied);
        var slow = await rig.ConnectAsync();
        await slow.SendAsync(Line.AsMemory(0, 20));
        var accepting = rig.AcceptAsync();
        await Eventually.TrueAsync(() => rig.Headers.News() is not null, "the header is being read");
        await slow.SendAsync(Line.AsMemory(20));
        await accepting;

        // The accept that was under way is nobody's now.
        var late = await rig.ConnectAsync();
        rig.Listener.Dispose();

        await PeerRig.AssertNothingCameAsync(late);
    }

    [Theory, EachTransport]
    public async Task Options_count_from_the_next_connection_on(string transport)
    {
        using var rig = new EntryRig(transport);
        var (_, before) = await rig.MeetAsync(Line);
        Assert.NotEqual("203.0.113.9:40000", before.RemoteAddress);

        rig.Options = EntryRig.Proxied;

        var (_, after) = await rig.MeetAsync(Line);
        Assert.Equal("203.0.113.9:40000", after.RemoteAddress);
    }

    [Theory, EachTransport]
    public async Task An_accepted_socket_knows_both_its_addresses(string transport)
    {
        using var rig = new Rig(transport);
        using var listener = rig.Transport.Listen(IPAddress.IPv6Any, 0);
        var port = IPEndPoint.Parse(listener.LocalAddress).Port;
        foreach (var address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            using var client = await RawSocket.ConnectAsync(new IPEndPoint(address, port));
            var outcome = await listener.AcceptAsync().WaitAsync(RawSocket.Deadline);
            using var accepted = (IAcceptedSocket)Assert.IsType<AcceptOutcome.Accepted>(outcome).Socket;

            Assert.Equal(client.Socket.LocalEndPoint!.ToString(), accepted.RemoteEndPoint.ToString());
            Assert.Equal(client.Socket.RemoteEndPoint!.ToString(), accepted.LocalEndPoint.ToString());
        }
    }

    private static async Task AssertServedAsync(EntryRig rig, GatedSocket accepted, byte[] payload)
    {
        Assert.Equal("203.0.113.9:40000", accepted.RemoteAddress);
        Assert.Equal("203.0.113.9:40000", accepted.RemoteEndPoint.ToString());
        Assert.Equal(accepted.RemoteEndPoint, rig.Places.Single().Of);
        var preamble = Assert.IsType<PreambleOutcome.Complete>(await accepted.ReadPreambleAsync(default).WaitAsync(RawSocket.Deadline)).Preamble;
        Assert.Equal(Sent.AsSpan(0, Preamble.TokenLength), preamble.Token);
        var (server, _) = await rig.StartAsync(accepted);
        Assert.Equal(payload, await server.ReceiveAsync(payload.Length));
    }

    private static async Task<byte[]> ReadAsync(GatedSocket socket, int count)
    {
        var bytes = new byte[count];
        Assert.Equal(count, await socket.ReadAsync(bytes, default).WaitAsync(RawSocket.Deadline));
        return bytes;
    }
}
