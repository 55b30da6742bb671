using System.Net.Sockets;

namespace Instancer.Gateway.Net.Portable;

/// <summary>Closing with a reset.</summary>
internal static class SocketAbort
{
    private static readonly LingerOption NoLinger = new(enable: true, seconds: 0);

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
