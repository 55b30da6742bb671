using System.Net;
using Instancer.Actors.Connections;

namespace Instancer.Gateway.Net.Linux;

/// <summary>An accepted socket on an epoll loop.</summary>
/// <param name="socket">The accepted socket, taken over.</param>
/// <param name="loop">The loop that it stays with.</param>
/// <param name="remote">The client's address.</param>
/// <param name="files">The files that are kept for it.</param>
internal sealed class EpollClient(SocketHandle socket, EpollLoop loop, IPEndPoint remote, ClientFiles files) : IAcceptedSocket
{
    private SocketHandle? _socket = socket;
    private IPEndPoint? _local;
    private EpollDuplex? _duplex;

    public EpollLoop Loop => loop;

    public string RemoteAddress { get; } = remote.ToString();

    public IPEndPoint RemoteEndPoint => remote;

    public IPEndPoint LocalEndPoint => _local ??= Open().LocalEndPoint();

    public ValueTask<bool> PassAsync(CancellationToken cancellationToken) => new(true);

    public void Notify(ClientNotice notice)
    {
        if (notice is ClientNotice.Accepted)
        {
            files.Accept();
        }
    }

    public Task<PreambleOutcome> ReadPreambleAsync(CancellationToken cancellationToken) => this.ReadWholePreambleAsync(cancellationToken);

    public Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        _duplex is { } duplex ? duplex.ReadAsync(buffer, cancellationToken) : EpollExact.ReadAsync(_socket, loop, buffer, cancellationToken);

    public ValueTask<int> ReadSomeAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        EpollDuplex.Of(_socket, loop, ref _duplex) is { } duplex ? duplex.ReadSomeAsync(buffer, cancellationToken) : new(ExactSocket.Lost);

    public Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _duplex is { } duplex ? duplex.WriteAsync(bytes, cancellationToken) : EpollExact.WriteAsync(_socket, loop, bytes, cancellationToken);

    public ValueTask<bool> EndSendingAsync(CancellationToken cancellationToken) => new(EpollExact.EndSending(_socket));

    public void LookAfterPeer() => _socket?.KeepAlive();

    public bool TryWrite(ReadOnlySpan<byte> bytes) => EpollExact.TryWrite(_socket, bytes);

    public Task WaitForEndAsync(CancellationToken cancellationToken) =>
        _duplex is { } duplex ? duplex.WaitForEndAsync(cancellationToken) : WaitAsync(EpollEvents.PeerEnded, cancellationToken);

    // Asked for nothing, epoll still reports an error or a hang-up; and neither comes while this side has not ended its own.
    public Task WaitForResetAsync(CancellationToken cancellationToken) =>
        _duplex is { } duplex ? duplex.WaitForResetAsync(cancellationToken) : WaitAsync(EpollEvents.None, cancellationToken);

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

    private async Task WaitAsync(EpollEvents events, CancellationToken cancellationToken)
    {
        try
        {
            await EpollWait.ForAsync(Open(), loop, events, cancellationToken);
        }
        catch (ObjectDisposedException)
        {
            // Closed on this side: nobody is left who could reset it.
        }
    }

    private SocketHandle Open() => _socket is { IsClosed: false } open ? open : throw new ObjectDisposedException(nameof(EpollClient));
}
