using System.Net;
using System.Net.Sockets;

namespace Instancer.TestKit.Net;

/// <summary>A listening socket of 127.0.0.1 on a port of the system's choice; what it accepts is the test's to play.</summary>
public sealed class RawBackend : IDisposable
{
    private readonly Socket _socket;

    /// <param name="receiveBuffer">The kernel's receive buffer of accepted sockets in bytes; null for the system's choice.</param>
    public RawBackend(int? receiveBuffer = null)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer is { } size)
        {
            _socket.ReceiveBufferSize = size;
        }

        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.Listen(4096);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>The next connection.</summary>
    public async Task<RawSocket> AcceptAsync()
    {
        using var deadline = new CancellationTokenSource(RawSocket.Deadline);
        try
        {
            return RawSocket.Take(await _socket.AcceptAsync(deadline.Token));
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"Nobody connected to {EndPoint} within {RawSocket.Deadline}.", e);
        }
    }

    /// <summary>Stops listening; accepted connections live on.</summary>
    public void Dispose() => _socket.Dispose();
}
