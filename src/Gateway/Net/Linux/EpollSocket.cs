namespace Instancer.Gateway.Net.Linux;

/// <summary>A connected socket on an epoll loop, until a session takes it over. What is asked of it after that, or after it was closed, finds the peer lost.</summary>
/// <param name="socket">The socket, taken over.</param>
/// <param name="loop">The loop that it is waited for with.</param>
internal abstract class EpollSocket(SocketHandle socket, EpollLoop loop) : IExactSocket
{
    private SocketHandle? _socket = socket;
    private EpollDuplex? _duplex;

    /// <summary>The loop that it is waited for with.</summary>
    public EpollLoop Loop => loop;

    public Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => this.ReadInPartsAsync(buffer, cancellationToken);

    public ValueTask<int> ReadSomeAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        Duplex()?.ReadSomeAsync(buffer, cancellationToken) ?? new(ExactSocket.Lost);

    public Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => Duplex()?.WriteAsync(bytes, cancellationToken) ?? Task.FromResult(false);

    public bool TryWrite(ReadOnlySpan<byte> bytes) => _socket?.TrySendAll(bytes) ?? false;

    public ValueTask<bool> EndSendingAsync(CancellationToken cancellationToken) => new(_socket?.EndSending() ?? false);

    public void LookAfterPeer() => _socket?.KeepAlive();

    public Task WaitForEndAsync(CancellationToken cancellationToken) => Duplex()?.WaitForEndAsync(cancellationToken) ?? Task.CompletedTask;

    public Task WaitForResetAsync(CancellationToken cancellationToken) => Duplex()?.WaitForResetAsync(cancellationToken) ?? Task.CompletedTask;

    public void Reset() => _socket?.Abort();

    public void Dispose() => _socket?.Dispose();

    /// <summary>Hands the socket over: from here on disposing or resetting this does nothing.</summary>
    /// <exception cref="ObjectDisposedException">The socket is closed or was handed over before.</exception>
    public SocketHandle HandOver()
    {
        var open = Open();
        (_socket, _duplex) = (null, null);
        return open;
    }

    /// <summary>The socket itself.</summary>
    /// <exception cref="ObjectDisposedException">It is closed or was handed over.</exception>
    protected SocketHandle Open() => _socket is { IsClosed: false } open ? open : throw new ObjectDisposedException(GetType().Name);

    // Null once the socket was handed over. One for all who wait, or one's waiting would end another's.
    private EpollDuplex? Duplex() =>
        _duplex ?? (_socket is { } open ? Interlocked.CompareExchange(ref _duplex, new EpollDuplex(open, loop), null) ?? _duplex : null);
}
