using System.Net;
using Instancer.Actors.Connections;

namespace Instancer.Gateway.Net.Linux;

/// <summary>A socket that is connected to a backend.</summary>
/// <param name="socket">The socket, taken over.</param>
internal sealed class EpollBackend(SocketHandle socket) : IBackendSocket
{
    private SocketHandle? _socket = socket;

    /// <summary>Connects a new socket, which it takes over.</summary>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    /// <returns>The backend, or why there is none.</returns>
    public static async Task<(EpollBackend? Backend, Errno Errno)> ConnectAsync(
        int number, IPEndPoint endPoint, EpollTransport transport, CancellationToken cancellationToken)
    {
        if (transport.Files.OfBackend(number) is not { } socket)
        {
            return (null, Errno.TooManyFiles);
        }

        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            socket.SetUp();
            var errno = Connect(socket, endPoint);
            if (errno == Errno.InProgress)
            {
                // On the same machine the other side has answered by now, and asking again is quicker than waiting for the event.
                errno = Connect(socket, endPoint);
            }

            if (errno == Errno.Already)
            {
                await EpollWait.ForAsync(socket, transport.NextLoop(), EpollEvents.Writable, cancellationToken);
                errno = socket.TakeError();
            }

            if (errno is not (Errno.None or Errno.IsConnected))
            {
                socket.Dispose();
                return (null, errno);
            }

            return (new EpollBackend(socket), Errno.None);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _socket?.Dispose();

    /// <summary>Hands the socket over: from here on disposing this does nothing.</summary>
    /// <exception cref="ObjectDisposedException">The socket is closed or was handed over before.</exception>
    public SocketHandle HandOver()
    {
        var open = _socket is { IsClosed: false } socket ? socket : throw new ObjectDisposedException(nameof(EpollBackend));
        _socket = null;
        return open;
    }

    private static Errno Connect(SocketHandle socket, IPEndPoint endPoint)
    {
        var address = SocketAddressBytes.Of(endPoint);
        return Libc.connect(socket, ref address[0], address.Length) == 0 ? Errno.None : Errnos.Last;
    }
}
