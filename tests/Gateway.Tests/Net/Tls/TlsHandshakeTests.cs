using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using Instancer.Gateway.Net.Tls;
using Instancer.TestKit.Net;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Gateway.Tests.Net.Tls;

public sealed class TlsHandshakeTests
{
    [Theory, EachTransport]
    public async Task The_name_chooses_what_is_served_and_the_newest_version_is_spoken(string transport)
    {
        await using var rig = new TlsRig(transport);
        var connecting = TlsPeer.ConnectAsync(rig.Rig.Listener.LocalAddress, "some.example");

        var accepted = Assert.IsType<TlsOutcome.Accepted>(await rig.HandshakeAsync(await rig.AcceptAsync()));

        using var client = await connecting;
        using var server = accepted.Client;
        Assert.Equal(("for some.example", "some.example"), (accepted.Challenge, server.HostName));
        Assert.Equal(client.Raw.Socket.LocalEndPoint!.ToString(), server.RemoteAddress);
        Assert.Equal(SslProtocols.Tls13, client.Protocol);
        Assert.Equal("CN=first", client.Subject);
    }

    [Theory, EachTransport]
    public async Task Version_1_1_is_refused_with_its_alert(string transport)
    {
        await using var rig = new TlsRig(transport);
        using var client = await RawSocket.ConnectAsync(rig.Rig.Listener.LocalAddress);
        await client.SendAsync(Hello(version: 2, name: "some.example"));

        Assert.IsType<TlsOutcome.Refused>(await rig.HandshakeAsync(await rig.AcceptAsync()));

        // Fatal, protocol_version: RFC 8446, 6.
        var alert = await client.ReceiveToEndAsync();
        Assert.Equal([21, 3], alert[..2]);
        Assert.Equal([0, 2, 2, 70], alert[3..]);
    }

    [Theory, EachTransport]
    public async Task A_name_that_nobody_has_is_refused_with_its_alert_and_so_is_no_name(string transport)
    {
        await using var rig = new TlsRig(transport);
        foreach (var (name, alert) in ((string, byte)[])[("other.example", 112), ("", 109)])
        {
            using var client = await RawSocket.ConnectAsync(rig.Rig.Listener.LocalAddress);
            await client.SendAsync(Hello(version: 3, name));

            var outcome = await new TlsHandshake(_ => rig.Certificates, NullLogger.Instance).RunAsync(await rig.AcceptAsync(), _ => null, default).WaitAsync(RawSocket.Deadline);

            Assert.Equal(new TlsOutcome.Refused("nothing is served under the name that it asks for"), outcome);
            Assert.Equal([21, 3, 3, 0, 2, 2, alert], await client.ReceiveToEndAsync());
        }
    }

    [Theory, EachTransport]
    public async Task A_client_that_says_nothing_is_closed_when_its_time_is_over(string transport)
    {
        await using var rig = new TlsRig(transport);
        using var time = new CancellationTokenSource();
        using var client = await RawSocket.ConnectAsync(rig.Rig.Listener.LocalAddress);
        using var slow = await RawSocket.ConnectAsync(rig.Rig.Listener.LocalAddress);
        await slow.SendAsync(Hello(version: 3, "some.example").AsMemory(0, 20));
        var handshakes = new[] { rig.HandshakeAsync(await rig.AcceptAsync(), time.Token), rig.HandshakeAsync(await rig.AcceptAsync(), time.Token) };
        Assert.DoesNotContain(handshakes, handshake => handshake.IsCompleted);

        await time.CancelAsync();

        Assert.All(await Task.WhenAll(handshakes), outcome => Assert.Equal(new TlsOutcome.Refused("it took too long, or others needed the place"), outcome));
        await client.ExpectEndAsync();
    }

    [Theory, EachTransport]
    public async Task Garbage_is_refused(string transport)
    {
        await using var rig = new TlsRig(transport);
        foreach (var garbage in (byte[][])[[.. "GET / HTTP/1.1\r\n\r\n"u8], new byte[100], [22, 3, 1, 0, 4, 1, 0, 0, 0], [128, 46, 1, 3, 1, 0, 0, 0], [22, 3, 3, 255, 255, .. RandomNumberGenerator.GetBytes(65535)]])
        {
            using var client = await RawSocket.ConnectAsync(rig.Rig.Listener.LocalAddress);
            await client.SendAsync(garbage);
            client.EndSending();

            Assert.IsType<TlsOutcome.Refused>(await rig.HandshakeAsync(await rig.AcceptAsync()));
        }
    }

    [Theory, EachTransport]
    public async Task Random_garbage_and_hellos_with_flipped_bytes_are_outcomes(string transport)
    {
        await using var rig = new TlsRig(transport);
        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            var bytes = i % 2 == 0 ? new byte[random.Next(1, 600)] : Hello(version: 3, "some.example");
            if (i % 2 == 0)
            {
                random.NextBytes(bytes);
            }

            bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
            using var client = await RawSocket.ConnectAsync(rig.Rig.Listener.LocalAddress);
            await client.SendAsync(bytes);
            client.EndSending();
            Assert.IsType<TlsOutcome.Refused>(await rig.HandshakeAsync(await rig.AcceptAsync()));
        }
    }

    [Theory, EachTransport]
    public async Task No_more_than_so_much_is_taken_for_a_handshake(string transport)
    {
        await using var rig = new TlsRig(transport);
        using var client = await RawSocket.ConnectAsync(rig.Rig.Listener.LocalAddress);

        // A hello of 64 KiB, in records of the greatest length; its end never comes.
        byte[] record = [22, 3, 1, 64, 0, .. new byte[16384]];
        byte[] first = [.. record];
        (first[5], first[6], first[7], first[8]) = (1, 1, 0, 0);
        var sending = client.SendAsync((byte[])[.. first, .. record, .. record, .. record]);

        var refused = Assert.IsType<TlsOutcome.Refused>(await rig.HandshakeAsync(await rig.AcceptAsync()));

        Assert.NotEqual("it took too long, or others needed the place", refused.Reason);
        await Task.WhenAny(sending);
    }

    /// <summary>A hello of an old shape (RFC 5246, 7.4.1.2), which says version 3.<paramref name="version"/> and asks for a name.</summary>
    private static byte[] Hello(byte version, string name)
    {
        var host = Encoding.ASCII.GetBytes(name);
        byte[] sni = host.Length == 0 ? [] : [0, 0, .. Short(host.Length + 5), .. Short(host.Length + 3), 0, .. Short(host.Length), .. host];
        byte[] extensions = [.. sni, 0, 10, 0, 4, 0, 2, 0, 23, 0, 13, 0, 4, 0, 2, 4, 3];
        byte[] body = [3, version, .. RandomNumberGenerator.GetBytes(32), 0, 0, 4, 0xC0, 0x2B, 0xC0, 0x09, 1, 0, .. Short(extensions.Length), .. extensions];
        byte[] message = [1, 0, .. Short(body.Length), .. body];
        return [22, 3, 1, .. Short(message.Length), .. message];

        static byte[] Short(int value) => [(byte)(value >> 8), (byte)value];
    }
}
