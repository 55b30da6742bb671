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
}
