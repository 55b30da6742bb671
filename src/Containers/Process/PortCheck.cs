using System.Net;
using System.Net.Sockets;

namespace Instancer.Containers.Process;

/// <summary>Whether somebody has a port already.</summary>
internal static class PortCheck
{
    /// <summary>
    /// Whether nobody listens on the port at 127.0.0.1. It is bound and listened on for a moment. .NET sets SO_REUSEADDR on Unix; on Linux
    /// that still refuses a port somebody listens on, at this address or at all of them, and lets one through that merely has old
    /// connections in TIME_WAIT. Other systems let a port through that somebody listens on at all addresses, so there it is dialled too.
    /// </summary>
    public static async ValueTask<bool> IsFreeAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1);
        }
        catch (SocketException)
        {
            return false;
        }

        return OperatingSystem.IsLinux() || !await AcceptsAsync(port, cancellationToken);
    }

    /// <summary>Whether somebody accepts connections on the port at 127.0.0.1. No byte is sent.</summary>
    public static async ValueTask<bool> AcceptsAsync(int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
