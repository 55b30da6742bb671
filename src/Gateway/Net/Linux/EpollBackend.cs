using System.Net;

namespace Instancer.Gateway.Net.Linux;

/// <summary>A socket that is connected to a backend.</summary>
/// <param name="socket">The socket, taken over.</param>
/// <param name="loop">The loop that it is waited for with until a session takes it to its own.</param>
internal sealed class EpollBackend(SocketHandle socket, EpollLoop loop) : EpollSocket(socket, loop), IDialledSocket
{
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
            var loop = transport.NextLoop();
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
                await EpollWait.ForAsync(socket, loop, EpollEvents.Writable, cancellationToken);
                errno = socket.TakeError();
            }

            if (errno is not (Errno.None or Errno.IsConnected))
            {
                socket.Dispose();
                return (null, errno);
            }

            return (new EpollBackend(socket, loop), Errno.None);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Errno Connect(SocketHandle socket, IPEndPoint endPoint)
    {
        var address = SocketAddressBytes.Of(endPoint);
        return Libc.connect(socket, ref address[0], address.Length) == 0 ? Errno.None : Errnos.Last;
    }
}
