using System.Net;

namespace Instancer.Gateway.Net.Linux;

/// <summary>A socket that is connected to a backend.</summary>
/// <param name="socket">The socket, taken over.</param>
/// <param name="loop">The loop that it is waited for with until a session takes it to its own.</param>
internal sealed class EpollBackend(SocketHandle socket, EpollLoop loop) : IDialledSocket
{
    private SocketHandle? _socket = socket;
    private EpollDuplex? _duplex;

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

    public Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        _duplex is { } duplex ? duplex.ReadAsync(buffer, cancellationToken) : EpollExact.ReadAsync(_socket, loop, buffer, cancellationToken);

    public ValueTask<int> ReadSomeAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        EpollDuplex.Of(_socket, loop, ref _duplex) is { } duplex ? duplex.ReadSomeAsync(buffer, cancellationToken) : new(ExactSocket.Lost);

    public Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _duplex is { } duplex ? duplex.WriteAsync(bytes, cancellationToken) : EpollExact.WriteAsync(_socket, loop, bytes, cancellationToken);

    public ValueTask<bool> EndSendingAsync(CancellationToken cancellationToken) => new(EpollExact.EndSending(_socket));

    public Task WaitForResetAsync(CancellationToken cancellationToken) =>
        EpollDuplex.Of(_socket, loop, ref _duplex) is { } duplex ? duplex.WaitForResetAsync(cancellationToken) : Task.CompletedTask;

    public void LookAfterPeer() => _socket?.KeepAlive();

    public void Reset() => _socket?.Abort();

    public void Dispose() => _socket?.Dispose();

    /// <summary>Hands the socket over: from here on disposing this does nothing.</summary>
    /// <exception cref="ObjectDisposedException">The socket is closed or was handed over before.</exception>
    public SocketHandle HandOver()
    {
        var open = _socket is { IsClosed: false } socket ? socket : throw new ObjectDisposedException(nameof(EpollBackend));
        (_socket, _duplex) = (null, null);
        return open;
    }

    private static Errno Connect(SocketHandle socket, IPEndPoint endPoint)
    {
        var address = SocketAddressBytes.Of(endPoint);
        return Libc.connect(socket, ref address[0], address.Length) == 0 ? Errno.None : Errnos.Last;
    }
}
