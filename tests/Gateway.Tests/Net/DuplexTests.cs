using System.Security.Cryptography;
using Instancer.Gateway.Net;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net;

/// <summary>A socket that is read and written at once, before it is relayed or instead.</summary>
public sealed class DuplexTests
{
    [Theory, EachTransport]
    public async Task What_there_is_is_read_without_waiting_for_more(string transport)
    {
        using var rig = new Rig(transport);
        foreach (var (peer, socket) in await BothAsync(rig))
        {
            var buffer = new byte[100];
            var reading = socket.ReadSomeAsync(buffer, default).AsTask();
            Assert.False(reading.IsCompleted);
            await peer.SendAsync("hello"u8.ToArray());
            Assert.Equal(5, await reading.WaitAsync(RawSocket.Deadline));
            Assert.Equal("hello"u8.ToArray(), buffer[..5]);
        }
    }

    [Theory, EachTransport]
    public async Task An_empty_buffer_waits_and_takes_nothing(string transport)
    {
        using var rig = new Rig(transport);
        foreach (var (peer, socket) in await BothAsync(rig))
        {
            var waiting = socket.ReadSomeAsync(Memory<byte>.Empty, default).AsTask();
            Assert.False(waiting.IsCompleted);
            await peer.SendAsync("hello"u8.ToArray());
            Assert.Equal(0, await waiting.WaitAsync(RawSocket.Deadline));

            // What is left of what has come is there at once, too.
            Assert.Equal(2, await socket.ReadSomeAsync(new byte[2], default).AsTask().WaitAsync(RawSocket.Deadline));
            Assert.Equal(0, await socket.ReadSomeAsync(Memory<byte>.Empty, default).AsTask().WaitAsync(RawSocket.Deadline));
            var rest = new byte[3];
            Assert.Equal(3, await socket.ReadAsync(rest, default).WaitAsync(RawSocket.Deadline));
            Assert.Equal("llo"u8.ToArray(), rest);
        }
    }

    [Theory, EachTransport]
    public async Task An_end_is_0_and_a_reset_is_none(string transport)
    {
        using var rig = new Rig(transport);
        foreach (var (peer, socket) in await BothAsync(rig))
        {
            var reading = socket.ReadSomeAsync(new byte[10], default).AsTask();
            peer.EndSending();
            Assert.Equal(0, await reading.WaitAsync(RawSocket.Deadline));
        }

        foreach (var (peer, socket) in await BothAsync(rig))
        {
            var reading = socket.ReadSomeAsync(new byte[10], default).AsTask();
            peer.Reset();
            Assert.Equal(ExactSocket.Lost, await reading.WaitAsync(RawSocket.Deadline));
        }
    }

    [Theory, EachTransport]
    public async Task A_read_ends_when_it_is_given_up_or_the_socket_is_closed(string transport)
    {
        using var rig = new Rig(transport);
        foreach (var (_, socket) in await BothAsync(rig))
        {
            using var given = new CancellationTokenSource();
            var reading = socket.ReadSomeAsync(new byte[10], given.Token).AsTask();
            await given.CancelAsync();
            Assert.Equal(ExactSocket.Lost, await reading.WaitAsync(RawSocket.Deadline));

            reading = socket.ReadSomeAsync(new byte[10], default).AsTask();
            socket.Dispose();
            Assert.Equal(ExactSocket.Lost, await reading.WaitAsync(RawSocket.Deadline));
            Assert.Equal(ExactSocket.Lost, await socket.ReadSomeAsync(new byte[10], default));
            Assert.False(await socket.WriteAsync(new byte[10], default).WaitAsync(RawSocket.Deadline));
            Assert.False(await socket.EndSendingAsync(default));
        }
    }

    [Theory, EachTransport]
    public async Task It_is_written_while_it_is_read_though_the_peer_is_slow(string transport)
    {
        using var rig = new Rig(transport, backendReceiveBuffer: 16 * 1024);
        var bytes = RandomNumberGenerator.GetBytes(8_000_000);
        foreach (var (peer, socket) in await BothAsync(rig))
        {
            var reading = socket.ReadSomeAsync(new byte[10], default).AsTask();
            var writing = socket.WriteAsync(bytes, default);
            Assert.False(writing.IsCompleted);
            await peer.SendAsync("hello"u8.ToArray());
            Assert.Equal(5, await reading.WaitAsync(RawSocket.Deadline));

            var next = socket.ReadSomeAsync(new byte[10], default).AsTask();
            var received = await peer.ReceiveAsync(bytes.Length);
            Assert.True(bytes.AsSpan().SequenceEqual(received));
            Assert.True(await writing.WaitAsync(RawSocket.Deadline));
            Assert.False(next.IsCompleted);
            Assert.True(await socket.EndSendingAsync(default));
            await peer.ExpectEndAsync();
            await peer.SendAsync("more"u8.ToArray());
            Assert.Equal(4, await next.WaitAsync(RawSocket.Deadline));
        }
    }

    [Theory, EachTransport]
    public async Task Whatever_waits_first_is_woken_whatever_waits_after_it(string transport)
    {
        using var rig = new Rig(transport, backendReceiveBuffer: 16 * 1024);
        var bytes = RandomNumberGenerator.GetBytes(8_000_000);
        foreach (var (peer, socket) in await BothAsync(rig))
        {
            var reading = socket.ReadAsync(new byte[5], default);
            var writing = socket.WriteAsync(bytes, default);
            Assert.False(reading.IsCompleted);
            Assert.False(writing.IsCompleted);
            await peer.SendAsync("hello"u8.ToArray());
            Assert.Equal(5, await reading.WaitAsync(RawSocket.Deadline));
            var received = await peer.ReceiveAsync(bytes.Length);
            Assert.True(bytes.AsSpan().SequenceEqual(received));
            Assert.True(await writing.WaitAsync(RawSocket.Deadline));
        }

        foreach (var (peer, socket) in await BothAsync(rig))
        {
            var writing = socket.WriteAsync(bytes, default);
            Assert.False(writing.IsCompleted);
            var reset = (socket as IDialledSocket)?.WaitForResetAsync(default) ?? ((IAcceptedSocket)socket).WaitForResetAsync(default);
            var reading = socket.ReadSomeAsync(new byte[5], default).AsTask();
            var received = await peer.ReceiveAsync(bytes.Length);
            Assert.True(bytes.AsSpan().SequenceEqual(received));
            Assert.True(await writing.WaitAsync(RawSocket.Deadline));
            await peer.SendAsync("hello"u8.ToArray());
            Assert.Equal(5, await reading.WaitAsync(RawSocket.Deadline));
            Assert.False(reset.IsCompleted);
            peer.Reset();
            await reset.WaitAsync(RawSocket.Deadline);
        }
    }

    [Theory, EachTransport]
    public async Task A_reset_is_seen_while_it_is_read_and_written(string transport)
    {
        using var rig = new Rig(transport);
        var (client, accepted) = await rig.AcceptAsync();
        var (server, dialled) = await rig.DialAsync();
        var reading = new[] { (IExactSocket)accepted, (IExactSocket)dialled }.Select(socket => socket.ReadSomeAsync(new byte[1], default).AsTask()).ToArray();
        var waiting = new[] { accepted.WaitForResetAsync(default), ((IDialledSocket)dialled).WaitForResetAsync(default) };
        await client.SendAsync(new byte[10_000]);
        await server.SendAsync(new byte[10_000]);
        Assert.All(await Task.WhenAll(reading).WaitAsync(RawSocket.Deadline), count => Assert.Equal(1, count));
        Assert.DoesNotContain(waiting, wait => wait.IsCompleted);

        client.Reset();
        server.Reset();

        await Task.WhenAll(waiting).WaitAsync(RawSocket.Deadline);
    }

    [Theory, EachTransport]
    public async Task A_session_takes_it_over_afterwards(string transport)
    {
        using var rig = new Rig(transport);
        var (client, accepted) = await rig.AcceptAsync();
        var (server, dialled) = await rig.DialAsync();
        await client.SendAsync("hello"u8.ToArray());
        Assert.Equal(1, await ((IExactSocket)accepted).ReadSomeAsync(new byte[1], default).AsTask().WaitAsync(RawSocket.Deadline));

        rig.Transport.Start(accepted, dialled);

        Assert.Equal("ello"u8.ToArray(), await server.ReceiveAsync(4));
        await server.SendAsync("answer"u8.ToArray());
        Assert.Equal("answer"u8.ToArray(), await client.ReceiveAsync(6));
    }

    private static async Task<(RawSocket Peer, IExactSocket Socket)[]> BothAsync(Rig rig)
    {
        var (client, accepted) = await rig.AcceptAsync();
        var (server, dialled) = await rig.DialAsync();
        return [(client, (IExactSocket)accepted), (server, (IExactSocket)dialled)];
    }
}
