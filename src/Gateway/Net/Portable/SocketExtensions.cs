using System.Net.Sockets;

namespace Instancer.Gateway.Net.Portable;

/// <summary>What the portable data path asks of each socket.</summary>
internal static class SocketExtensions
{
    private static readonly LingerOption NoLinger = new(enable: true, seconds: 0);

    /// <summary>No delay for small writes, and urgent bytes where they were sent in the stream: left out of it they would be lost.</summary>
    public static void SetUp(this Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.OutOfBandInline, true);
    }

    /// <summary>As <see cref="IExactSocket.LookAfterPeer"/>.</summary>
    public static void KeepAlive(this Socket socket)
    {
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Net.KeepAlive.Idle);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Net.KeepAlive.Interval);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Net.KeepAlive.Count);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Reset by the peer, or closed here: there is nobody left to look after.
        }
    }

    /// <summary>Closes the socket with a reset; nothing if it is closed already.</summary>
    public static void Abort(this Socket socket)
    {
        try
        {
            socket.LingerState = NoLinger;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Reset by the peer, or closed here: there is nobody left to be told.
        }

        socket.Dispose();
    }

    /// <summary>As <see cref="IExactSocket.ReadAsync"/>.</summary>
    public static async Task<int> ReadExactlyAsync(this Socket socket, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var received = 0;
        try
        {
            while (received < buffer.Length)
            {
                // Never more than what is missing: what is behind it is another's.
                var count = await socket.ReceiveAsync(buffer[received..], cancellationToken);
                if (count == 0)
                {
                    break;
                }

                received += count;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The count says it: not all of it came.
        }

        return received;
    }

    /// <summary>As <see cref="IExactSocket.ReadSomeAsync"/>.</summary>
    public static async ValueTask<int> ReadAnyAsync(this Socket socket, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return ExactSocket.Lost;
        }
    }

    /// <summary>As <see cref="IExactSocket.EndSendingAsync"/>, which never has to wait here.</summary>
    public static bool EndSending(this Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>As <see cref="IExactSocket.WriteAsync"/>.</summary>
    public static async Task<bool> WriteAllAsync(this Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            // A stream socket's SendAsync ends when all is sent.
            return await socket.SendAsync(bytes, cancellationToken) == bytes.Length;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>As <see cref="IAcceptedSocket.TryWrite"/>.</summary>
    public static bool TryWriteAll(this Socket socket, ReadOnlySpan<byte> bytes)
    {
        try
        {
            // .NET's Send waits for room, so it is asked first whether there is some: then there is enough for what is short.
            return socket.Poll(0, SelectMode.SelectWrite) && socket.Send(bytes) == bytes.Length;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
