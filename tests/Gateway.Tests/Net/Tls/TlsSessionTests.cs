using System.Security.Authentication;
using System.Security.Cryptography;
using Instancer.Actors.Connections;
using Instancer.Actors.Registry;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net.Tls;

public sealed class TlsSessionTests
{
    private const int TenMiB = 10 << 20;

    [Theory, EachTransport]
    public Task The_client_may_end_first_and_still_get_ten_MiB(string transport) => EndFirstAsync(transport, SslProtocols.Tls13);

    [Theory, EachTransport]
    public Task The_client_may_end_first_with_the_older_version_too(string transport) => EndFirstAsync(transport, SslProtocols.Tls12);

    [Theory, EachTransport]
    public async Task A_client_that_ends_without_a_close_notify_gets_its_answer(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, session) = await rig.StartAsync();

        await client.SendAsync("question"u8.ToArray());
        client.Raw.EndSending();
        Assert.Equal("question"u8.ToArray(), await server.ReceiveToEndAsync());
        await server.SendAsync("answer"u8.ToArray());
        server.Dispose();

        Assert.Equal("answer"u8.ToArray(), await client.ReceiveToEndAsync());
        Assert.Equal(new SessionEnd(SessionEndCause.Finished, 8, 6), await session.Completion.WaitAsync(RawSocket.Deadline));
        Assert.Equal(14, session.BytesRelayed);
    }

    [Theory, EachTransport]
    public async Task The_backend_may_end_first_and_still_be_told_ten_MiB(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, session) = await rig.StartAsync();
        var more = RandomNumberGenerator.GetBytes(TenMiB);

        await server.SendAsync("banner"u8.ToArray());
        server.EndSending();
        Assert.Equal("banner"u8.ToArray(), await client.ReceiveToEndAsync());
        var sending = client.SendAndEndAsync(more);

        AssertSame(more, await server.ReceiveToEndAsync());
        await sending;
        Assert.Equal(new SessionEnd(SessionEndCause.Finished, TenMiB, 6), await session.Completion.WaitAsync(RawSocket.Deadline));

        // The end came as a close_notify, and as a FIN behind it.
        await client.Raw.ExpectEndAsync();
    }

    [Theory, EachTransport]
    public async Task Both_directions_at_once_come_through_whole_and_in_order(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, session) = await rig.StartAsync();
        var there = RandomNumberGenerator.GetBytes(20_000_000);
        var back = RandomNumberGenerator.GetBytes(17_000_001);

        var sendThere = client.SendAndEndAsync(there);
        var sendBack = SendAndEndAsync(server, back);
        var gotThere = server.ReceiveToEndAsync();
        var gotBack = client.ReceiveToEndAsync();

        AssertSame(there, await gotThere);
        AssertSame(back, await gotBack);
        await Task.WhenAll(sendThere, sendBack);
        Assert.Equal(new SessionEnd(SessionEndCause.Finished, there.Length, back.Length), await session.Completion.WaitAsync(RawSocket.Deadline));
    }

    // Said while the other direction's bytes are decrypted, a close_notify is lost, or they are.
    [Theory, EachTransport]
    public async Task An_end_in_the_midst_of_the_other_directions_bytes_loses_none_and_is_not_lost(string transport)
    {
        await using var rig = new TlsRig(transport);
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        for (var round = 0; round < 150; round++)
        {
            var (client, server, session) = await rig.StartAsync();
            var sending = client.SendAndEndAsync(bytes);
            var ending = SendAndEndAsync(server, bytes.AsMemory(0, round * 1000));
            var got = server.ReceiveToEndAsync();

            Assert.Equal(round * 1000, (await client.ReceiveToEndAsync()).Length);
            AssertSame(bytes, await got);
            await Task.WhenAll(sending, ending);
            Assert.Equal(SessionEndCause.Finished, (await session.Completion.WaitAsync(RawSocket.Deadline)).Cause);
        }
    }

    [Theory, EachTransport]
    public async Task What_waited_for_the_session_comes_through_though_the_backend_is_late(string transport)
    {
        await using var rig = new TlsRig(transport, backendReceiveBuffer: 16 * 1024);
        var (client, accepted) = await rig.ConnectAsync();
        var (server, dialled) = await rig.Rig.DialAsync();
        var bytes = RandomNumberGenerator.GetBytes(16_000_000);
        var sending = client.SendAndEndAsync(bytes);
        await accepted.ReadAsync(new byte[1], default).WaitAsync(RawSocket.Deadline);

        var session = rig.Relay.Start(accepted, dialled, new SessionTerms(UnlimitedTenure.Instance));
        await Eventually.TrueAsync(() => session.BytesRelayed > 1_000_000, "the backend's buffers are filled");
        server.EndSending();

        AssertSame(bytes.AsSpan(1).ToArray(), await server.ReceiveToEndAsync());
        Assert.Empty(await client.ReceiveToEndAsync());
        await sending;
    }

    [Theory, EachTransport]
    public async Task An_end_comes_only_after_all_the_bytes_though_the_reader_is_late(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, session) = await rig.StartAsync(clientReceiveBuffer: 16 * 1024);
        var bytes = RandomNumberGenerator.GetBytes(8_000_000);
        var sending = SendAndEndAsync(server, bytes);

        // Until then the client reads nothing: its receive buffer is full, and the session has to wait for it.
        await Eventually.TrueAsync(() => session.BytesRelayed > 16 * 1024, "the client's receive buffer is full");

        AssertSame(bytes, await client.ReceiveToEndAsync());
        await sending;
    }

    [Theory, EachTransport]
    public async Task Single_bytes_come_through_one_by_one(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, _) = await rig.StartAsync();

        for (byte i = 0; i < 100; i++)
        {
            await client.SendAsync((byte[])[i]);
            Assert.Equal([i], await server.ReceiveAsync(1));
            await server.SendAsync((byte[])[(byte)~i]);
            Assert.Equal([(byte)~i], await client.ReceiveAsync(1));
        }
    }

    [Theory, EachTransport]
    public async Task Nothing_is_said_to_either_side_by_a_session_that_says_nothing(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, session) = await rig.StartAsync();

        await client.EndSendingAsync();
        await server.ExpectEndAsync();
        server.EndSending();
        Assert.Empty(await client.ReceiveToEndAsync());

        Assert.Equal(new SessionEnd(SessionEndCause.Finished, 0, 0), await session.Completion.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task Without_tenure_nothing_passes(string transport)
    {
        await using var rig = new TlsRig(transport);
        var tenure = new Tenure { Holds = true };
        var (client, server, session) = await rig.StartAsync(terms: new SessionTerms(tenure));
        await client.SendAsync("one"u8.ToArray());
        Assert.Equal("one"u8.ToArray(), await server.ReceiveAsync(3));

        tenure.Holds = false;
        await client.SendAsync("two"u8.ToArray());

        await server.ExpectResetAsync();
        Assert.Empty(await client.ReceiveToResetAsync());
        Assert.Equal(new SessionEnd(SessionEndCause.Revoked, 3, 0), await session.Completion.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task A_session_keeps_to_its_rate_and_what_has_to_wait_comes_all_the_same(string transport)
    {
        await using var rig = new TlsRig(transport);
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        var (client, server, session) = await rig.StartAsync(terms: new SessionTerms(UnlimitedTenure.Instance) { BytesPerSecond = 200_000 });
        var watch = System.Diagnostics.Stopwatch.StartNew();

        await server.SendAsync(bytes);
        server.EndSending();

        // One second's worth passes at once, and the rest takes half a second.
        AssertSame(bytes, await client.ReceiveToEndAsync());
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(0.45), RawSocket.Deadline);
        Assert.Equal(bytes.Length, session.BytesRelayed);
    }

    [Theory, EachTransport]
    public async Task Revoking_ends_a_session_that_waits_for_its_rate(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, session) = await rig.StartAsync(terms: new SessionTerms(UnlimitedTenure.Instance) { BytesPerSecond = 1 });
        await client.SendAsync("ab"u8.ToArray());
        Assert.Equal("a"u8.ToArray(), await server.ReceiveAsync(1));

        session.Reset();

        Assert.Equal(SessionEndCause.Revoked, (await session.Completion.WaitAsync(RawSocket.Deadline)).Cause);
    }

    [Theory, EachTransport]
    public async Task The_backend_is_told_whose_the_session_is_before_anything_else(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, _) = await rig.StartAsync(terms: new SessionTerms(UnlimitedTenure.Instance) { ProxySource = "192.0.2.7:1234" });
        await client.SendAndEndAsync("hello"u8.ToArray());

        var port = System.Net.IPEndPoint.Parse(rig.Rig.Listener.LocalAddress).Port;
        byte[] expected = [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x11, 0, 12, 192, 0, 2, 7, 127, 0, 0, 1, 4, 210, (byte)(port >> 8), (byte)port, .. "hello"u8];
        Assert.Equal(expected, await server.ReceiveToEndAsync());
    }

    private static async Task EndFirstAsync(string transport, SslProtocols protocol)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, session) = await rig.StartAsync(protocol);
        Assert.Equal(protocol, client.Protocol);
        var answer = RandomNumberGenerator.GetBytes(TenMiB);

        await client.SendAndEndAsync("question"u8.ToArray());
        Assert.Equal("question"u8.ToArray(), await server.ReceiveToEndAsync());
        var sending = SendAndEndAsync(server, answer);

        AssertSame(answer, await client.ReceiveToEndAsync());
        await sending;
        Assert.Equal(new SessionEnd(SessionEndCause.Finished, 8, TenMiB), await session.Completion.WaitAsync(RawSocket.Deadline));
    }

    private static void AssertSame(byte[] expected, byte[] actual) => Assert.True(expected.AsSpan().SequenceEqual(actual));

    private static async Task SendAndEndAsync(RawSocket socket, ReadOnlyMemory<byte> bytes)
    {
        await socket.SendAsync(bytes);
        socket.EndSending();
    }

    private sealed class Tenure : ITenure
    {
        public volatile bool Held;

        public bool Holds
        {
            get => Held;
            set => Held = value;
        }
    }
}
