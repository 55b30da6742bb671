using System.Net.Sockets;

namespace Instancer.Gateway.Net.Linux;

/// <summary>Reads and writes a socket before it is relayed, as <see cref="IExactSocket"/> says. One that was handed over is null, and as good as closed.</summary>
internal static class EpollExact
{
    public static async Task<int> ReadAsync(SocketHandle? socket, EpollLoop loop, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var received = 0;
        try
        {
            while (received < buffer.Length && socket is not null)
            {
                cancellationToken.ThrowIfCancellationRequested();

                // Never more than what is missing: what is behind it is another's.
                var count = socket.Receive(buffer.Span[received..], out var errno);
                if (count > 0)
                {
                    received += count;
                }
                else if (errno == Errno.WouldBlock)
                {
                    await EpollWait.ForAsync(socket, loop, EpollEvents.Readable | EpollEvents.PeerEnded, cancellationToken);
                }
                else
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The count says it: not all of it came. (A socket's error here is that the system has no memory, or no watch, left for it.)
        }

        return received;
    }

    public static async Task<bool> WriteAsync(SocketHandle? socket, EpollLoop loop, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            while (!bytes.IsEmpty && socket is not null)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var count = socket.Send(bytes.Span, out var errno);
                if (count >= 0)
                {
                    bytes = bytes[count..];
                }
                else if (errno == Errno.WouldBlock)
                {
                    await EpollWait.ForAsync(socket, loop, EpollEvents.Writable, cancellationToken);
                }
                else
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // What is left says it.
        }

        return bytes.IsEmpty;
    }

    public static bool TryWrite(SocketHandle? socket, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return socket is not null && socket.Send(bytes, out _) == bytes.Length;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    public static bool EndSending(SocketHandle? socket)
    {
        try
        {
            return socket is not null && socket.EndSending();
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }
}
