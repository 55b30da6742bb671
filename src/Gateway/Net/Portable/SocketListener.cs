using System.Net;
using System.Net.Sockets;
using Instancer.Actors.Connections;

namespace Instancer.Gateway.Net.Portable;

/// <summary>A listening <see cref="Socket"/>.</summary>
internal sealed class SocketListener : IListener
{
    private readonly Socket _socket;
    private readonly ResetPoller _resets;
    private volatile bool _disposed;

    private SocketListener(Socket socket, ResetPoller resets)
    {
        _socket = socket;
        _resets = resets;
        LocalAddress = socket.LocalEndPoint!.ToString()!;
    }

    public string LocalAddress { get; }

    public static SocketListener Bind(IPAddress address, int port, ResetPoller resets)
    {
        var endPoint = new IPEndPoint(address, port);
        Socket? socket = null;
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            // No ReuseAddress: .NET maps it to SO_REUSEPORT as well, and two nodes could share the port without knowing.
            // Where a restart needs it (Unix), .NET sets the plain SO_REUSEADDR by itself.
            socket.Bind(endPoint);
            socket.Listen(Backlog.Length);
            return new SocketListener(socket, resets);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw new ListenFailedException(endPoint, e);
        }
    }

    public async Task<AcceptOutcome> AcceptAsync()
    {
        Socket? client = null;
        try
        {
            client = await _socket.AcceptAsync();
            client.SetUp();
            return new AcceptOutcome.Accepted(new SocketClient(client, _resets));
        }
        catch (Exception e) when (_disposed && e is SocketException or ObjectDisposedException)
        {
            return new AcceptOutcome.Closed();
        }
        catch (SocketException e)
        {
            // accept(2): what the network did to the client is reported here, and so is the open-file limit. All of it passes.
            client?.Dispose();
            return new AcceptOutcome.TryLater(e.Message);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _socket.Dispose();
    }
}
