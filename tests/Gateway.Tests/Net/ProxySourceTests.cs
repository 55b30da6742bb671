using System.Buffers.Binary;
using System.Net;
using Instancer.Actors.Connections;
using Instancer.Gateway.Tests.Forwarding;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net;

/// <summary>Backends that are told the client's address first. The header's bytes are those of proxy-protocol.txt, section 2.2.</summary>
public sealed class ProxySourceTests
{
    private static readonly SessionTerms Told = RelayExtensions.Alone with { ProxySource = "203.0.113.9:40000" };

    [Theory, EachTransport]
    public async Task The_backend_hears_of_the_client_before_it_hears_it(string transport)
    {
        using var rig = new Rig(transport);
        var (client, accepted) = await rig.AcceptAsync();
        var (server, dialled) = await rig.DialAsync();
        await client.SendAsync("early"u8.ToArray());

        var session = rig.Transport.Start(accepted, dialled, Told);

        byte[] expected = [.. HeaderOfIPv4(rig.Listener), .. "early"u8];
        Assert.Equal(expected, await server.ReceiveAsync(expected.Length));
        await server.SendAsync("hello"u8.ToArray());
        server.EndSending();
        Assert.Equal("hello"u8.ToArray(), await client.ReceiveToEndAsync());
        client.EndSending();
        await server.ExpectEndAsync();
        Assert.Equal(new SessionEnd(SessionEndCause.Finished, 5, 5), await session.Completion.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task It_is_told_though_the_client_says_nothing(string transport)
    {
        using var rig = new Rig(transport);
        var (_, server, _) = await rig.StartAsync(terms: Told with { BytesPerSecond = 1 });

        Assert.Equal(HeaderOfIPv4(rig.Listener), await server.ReceiveAsync(28));
        await server.SendAsync("!"u8.ToArray());
    }

    [Theory, EachTransport]
    public async Task A_client_with_an_IPv6_address_is_told_of_as_such(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, _) = await rig.StartAsync(terms: Told with { ProxySource = "[2001:db8::7]:40000" });
        await client.SendAsync("x"u8.ToArray());

        byte[] expected =
        [
            .. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x21, 0, 36, .. IPAddress.Parse("2001:db8::7").GetAddressBytes(),
            .. IPAddress.Parse("::ffff:127.0.0.1").GetAddressBytes(), 0x9c, 0x40, .. PortOf(rig.Listener), (byte)'x',
        ];
        Assert.Equal(expected, await server.ReceiveAsync(expected.Length));
    }

    [Theory, EachTransport]
    public async Task An_IPv4_client_of_a_listener_for_both_is_an_IPv4_client(string transport)
    {
        using var rig = new Rig(transport);
        using var both = rig.Transport.Listen(IPAddress.IPv6Any, 0);
        using var client = await RawSocket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, IPEndPoint.Parse(both.LocalAddress).Port));
        var accepted = Assert.IsType<AcceptOutcome.Accepted>(await both.AcceptAsync().WaitAsync(RawSocket.Deadline)).Socket;
        var (server, dialled) = await rig.DialAsync();

        rig.Transport.Start(accepted, dialled, Told);

        Assert.Equal(HeaderOfIPv4(both), await server.ReceiveAsync(28));
    }

    [Theory, EachTransport]
    public async Task A_backend_that_is_gone_before_it_could_be_told_has_reset(string transport)
    {
        using var rig = new Rig(transport);
        var (client, accepted) = await rig.AcceptAsync();
        var (server, dialled) = await rig.DialAsync();
        server.Reset();

        var session = rig.Transport.Start(accepted, dialled, Told);

        Assert.Equal(new SessionEnd(SessionEndCause.BackendReset, 0, 0), await session.Completion.WaitAsync(RawSocket.Deadline));
        await client.ExpectResetAsync();
    }

    [Theory, EachTransport]
    public async Task A_backend_hears_of_a_client_of_another_node(string transport)
    {
        using var rig = new PeerRig(transport);
        var forwarding = rig.Forwarder.ForwardAsync(rig.Address, PeerRig.Request, default);
        var (forwarded, _) = await rig.AcceptRequestAsync();

        var (server, _) = await rig.ServeAsync(forwarded, RelayExtensions.Alone with { ProxySource = forwarded.RemoteAddress });

        Assert.Equal(HeaderOfIPv4(rig.Listener), await server.ReceiveAsync(28));
        Assert.IsType<ForwardOutcome.Accepted>(await forwarding.WaitAsync(RawSocket.Deadline)).Socket.Dispose();
    }

    // From 203.0.113.9:40000 to the listener on 127.0.0.1.
    private static byte[] HeaderOfIPv4(IListener listener) =>
        [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x11, 0, 12, 203, 0, 113, 9, 127, 0, 0, 1, 0x9c, 0x40, .. PortOf(listener)];

    private static byte[] PortOf(IListener listener)
    {
        var port = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(port, (ushort)IPEndPoint.Parse(listener.LocalAddress).Port);
        return port;
    }
}
