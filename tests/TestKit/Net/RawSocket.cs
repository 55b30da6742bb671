using System.Net;
using System.Net.Sockets;

namespace Instancer.TestKit.Net;

/// <summary>One end of a TCP connection, as bare as the system has it. Every wait has a deadline.</summary>
public sealed class RawSocket : IDisposable
{
    /// <summary>How long anything may take before it counts as never.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private RawSocket(Socket socket) => Socket = socket;

    /// <summary>The socket, for what has no method here.</summary>
    public Socket Socket { get; }

    /// <summary>Connects to <c>host:port</c>.</summary>
    public static Task<RawSocket> ConnectAsync(string address) => ConnectAsync(IPEndPoint.Parse(address));

    /// <summary>Connects.</summary>
    /// <param name="endPoint">Whom to.</param>
    /// <param name="receiveBuffer">The kernel's receive buffer in bytes; null for the system's choice.</param>
    public static async Task<RawSocket> ConnectAsync(IPEndPoint endPoint, int? receiveBuffer = null)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer is { } size)
        {
            socket.ReceiveBufferSize = size;
        }

        var raw = Take(socket);
        await raw.WithinAsync(token => socket.ConnectAsync(endPoint, token), "connect");
        return raw;
    }

    /// <summary>Takes a connected socket over.</summary>
    public static RawSocket Take(Socket socket)
    {
        socket.NoDelay = true;
        return new RawSocket(socket);
    }

    /// <summary>Sends all of <paramref name="bytes"/>.</summary>
    public Task SendAsync(ReadOnlyMemory<byte> bytes) =>
        WithinAsync(async token => _ = await Socket.SendAsync(bytes, token), "send");

    /// <summary>Receives exactly <paramref name="count"/> bytes.</summary>
    public async Task<byte[]> ReceiveAsync(int count)
    {
        var bytes = new byte[count];
        var received = 0;
        while (received < count)
        {
            var more = await ReceiveSomeAsync(bytes.AsMemory(received));
            received += more > 0 ? more : throw new InvalidOperationException($"The end came after {received} bytes of {count}.");
        }

        return bytes;
    }

    /// <summary>Receives up to the end of the peer's sending side.</summary>
    public async Task<byte[]> ReceiveToEndAsync()
    {
        using var all = new MemoryStream();
        var chunk = new byte[64 * 1024];
        while (await ReceiveSomeAsync(chunk) is var count and > 0)
        {
            all.Write(chunk, 0, count);
        }

        return all.ToArray();
    }

    /// <summary>Receives up to the peer's reset.</summary>
    public async Task<byte[]> ReceiveToResetAsync()
    {
        using var all = new MemoryStream();
        var chunk = new byte[64 * 1024];
        while (true)
        {
            try
            {
                var count = await ReceiveSomeAsync(chunk);
                all.Write(chunk, 0, count > 0 ? count : throw new InvalidOperationException($"The end, not a reset, came after {all.Length} bytes."));
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
            {
                return all.ToArray();
            }
        }
    }

    /// <summary>Sees that the peer ends its sending side, and sends nothing before.</summary>
    public async Task ExpectEndAsync() => ExpectNothing(await ReceiveToEndAsync());

    /// <summary>Sees that the peer resets the connection, and sends nothing before.</summary>
    public async Task ExpectResetAsync() => ExpectNothing(await ReceiveToResetAsync());

    /// <summary>Ends the sending side.</summary>
    public void EndSending() => Socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes with a reset.</summary>
    public void Reset()
    {
        Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        Socket.Dispose();
    }

    /// <summary>Closes in order.</summary>
    public void Dispose() => Socket.Dispose();

    private async Task<int> ReceiveSomeAsync(Memory<byte> chunk)
    {
        var count = 0;
        await WithinAsync(async token => count = await Socket.ReceiveAsync(chunk, token), "receive");
        return count;
    }

    private async Task WithinAsync(Func<CancellationToken, ValueTask> action, string what)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            await action(deadline.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"The {what} on {Socket.LocalEndPoint} did not end within {Deadline}.", e);
        }
    }

    private static void ExpectNothing(byte[] bytes)
    {
        if (bytes.Length > 0)
        {
            throw new InvalidOperationException($"Nothing was to come, but {bytes.Length} bytes did.");
        }
    }
}
