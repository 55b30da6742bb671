using System.Net.Sockets;
using System.Security.Cryptography;
using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Gateway.Net.Linux;
using Instancer.Gateway.Net.Portable;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net;

public sealed class RelayTests
{
    [Theory, EachTransport]
    public async Task The_client_may_end_first_and_still_get_its_answer(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await rig.StartAsync();

        await client.SendAsync("question"u8.ToArray());
        client.EndSending();
        Assert.Equal("question"u8.ToArray(), await server.ReceiveToEndAsync());
        await server.SendAsync("answer"u8.ToArray());
        server.Dispose();

        Assert.Equal("answer"u8.ToArray(), await client.ReceiveToEndAsync());
        Assert.Equal(new SessionEnd(SessionEndCause.Finished, 8, 6), await session.Completion.WaitAsync(RawSocket.Deadline));
        Assert.Equal(14, session.BytesRelayed);
    }

    [Theory, EachTransport]
    public async Task The_backend_may_end_first_and_still_be_told_more(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await rig.StartAsync();

        await server.SendAsync("banner"u8.ToArray());
        server.EndSending();
        Assert.Equal("banner"u8.ToArray(), await client.ReceiveToEndAsync());
        await client.SendAsync("thanks"u8.ToArray());
        client.Dispose();

        Assert.Equal("thanks"u8.ToArray(), await server.ReceiveToEndAsync());
        Assert.Equal(new SessionEnd(SessionEndCause.Finished, 6, 6), await session.Completion.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task Both_directions_at_once_come_through_whole_and_in_order(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await rig.StartAsync();
        var there = RandomNumberGenerator.GetBytes(20_000_000);
        var back = RandomNumberGenerator.GetBytes(17_000_001);

        var sendThere = SendAndEndAsync(client, there);
        var sendBack = SendAndEndAsync(server, back);
        var gotThere = server.ReceiveToEndAsync();
        var gotBack = client.ReceiveToEndAsync();

        AssertSame(there, await gotThere);
        AssertSame(back, await gotBack);
        await Task.WhenAll(sendThere, sendBack);
        Assert.Equal(new SessionEnd(SessionEndCause.Finished, there.Length, back.Length), await session.Completion.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task An_end_comes_only_after_all_the_bytes_though_the_reader_is_late(string transport)
    {
        using var rig = new Rig(transport);
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
        using var rig = new Rig(transport);
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
    public async Task An_urgent_byte_keeps_its_place_in_the_stream(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, _) = await rig.StartAsync();

        client.Socket.Send("a"u8);
        client.Socket.Send("b"u8, SocketFlags.OutOfBand);
        client.Socket.Send("c"u8);
        server.Socket.Send("d"u8, SocketFlags.OutOfBand);
        server.Socket.Send("e"u8);

        Assert.Equal("abc"u8.ToArray(), await server.ReceiveAsync(3));
        Assert.Equal("de"u8.ToArray(), await client.ReceiveAsync(2));
    }

    [Theory, EachTransport]
    public async Task Small_writes_are_not_delayed_on_either_side(string transport)
    {
        using var rig = new Rig(transport);
        var (_, accepted) = await rig.AcceptAsync();
        var (_, dialled) = await rig.DialAsync();

        Assert.True(NoDelay(accepted));
        Assert.True(NoDelay(dialled));
    }

    [Theory, EachTransport]
    public async Task Nothing_is_sent_to_either_side_by_a_session_that_says_nothing(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await rig.StartAsync();

        client.EndSending();
        await server.ExpectEndAsync();
        server.EndSending();
        await client.ExpectEndAsync();

        Assert.Equal(new SessionEnd(SessionEndCause.Finished, 0, 0), await session.Completion.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task A_dial_that_is_refused_is_an_outcome(string transport)
    {
        using var rig = new Rig(transport);
        var nobody = rig.Backend.EndPoint;
        rig.Backend.Dispose();

        var outcome = await rig.Transport.DialAsync(new TcpBackendAddress(nobody), default).WaitAsync(RawSocket.Deadline);

        Assert.Equal($"{nobody}: Connection refused", Assert.IsType<DialOutcome.Failed>(outcome).Reason);
    }

    [Theory, EachTransport]
    public async Task A_dial_that_hangs_ends_when_it_is_cancelled(string transport)
    {
        using var rig = new Rig(transport);
        using var silent = new SilentPort();
        using var cancellation = new CancellationTokenSource();
        var dialling = rig.Transport.DialAsync(new TcpBackendAddress(silent.EndPoint), cancellation.Token);
        Assert.False(dialling.IsCompleted);

        await cancellation.CancelAsync();

        var failed = Assert.IsType<DialOutcome.Failed>(await dialling.WaitAsync(RawSocket.Deadline));
        Assert.Equal($"{silent.EndPoint}: given up", failed.Reason);
    }

    [Theory, EachTransport]
    public async Task An_unused_connection_to_a_backend_is_closed_in_order(string transport)
    {
        using var rig = new Rig(transport);
        var (server, dialled) = await rig.DialAsync();

        dialled.Dispose();
        dialled.Dispose();

        await server.ExpectEndAsync();
    }

    private static bool NoDelay(object socket) => socket switch
    {
        SocketClient portable => portable.Socket.NoDelay,
        SocketBackend portable => portable.Socket.NoDelay,
        EpollClient epoll => NoDelay(epoll.HandOver()),
        EpollBackend epoll => NoDelay(epoll.HandOver()),
        _ => throw new ArgumentOutOfRangeException(nameof(socket)),
    };

    private static bool NoDelay(SocketHandle handle)
    {
        using (handle)
        using (var view = new Socket(new SafeSocketHandle(handle.Number, ownsHandle: false)))
        {
            return view.NoDelay;
        }
    }

    private static void AssertSame(byte[] expected, byte[] actual) => Assert.True(expected.AsSpan().SequenceEqual(actual));

    private static async Task SendAndEndAsync(RawSocket socket, byte[] bytes)
    {
        await socket.SendAsync(bytes);
        socket.EndSending();
    }
}
