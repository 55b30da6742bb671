using System.Net;
using Instancer.Actors.Connections;

namespace Instancer.Gateway.Net.Linux;

/// <summary>An accepted socket on an epoll loop.</summary>
/// <param name="socket">The accepted socket, taken over.</param>
/// <param name="loop">The loop that it stays with.</param>
/// <param name="remote">The client's address.</param>
internal sealed class EpollClient(SocketHandle socket, EpollLoop loop, IPEndPoint remote) : IAcceptedSocket
{
    private SocketHandle? _socket = socket;
    private IPEndPoint? _local;

    public EpollLoop Loop => loop;

    public string RemoteAddress { get; } = remote.ToString();

    public IPEndPoint RemoteEndPoint => remote;

    public IPEndPoint LocalEndPoint => _local ??= Open().LocalEndPoint();

    public ValueTask<bool> PassAsync(CancellationToken cancellationToken) => new(true);

    public void Notify(ClientNotice notice)
    {
        // Nobody stands in front of it.
    }

    public async Task<PreambleOutcome> ReadPreambleAsync(CancellationToken cancellationToken)
    {
        var bytes = new byte[Preamble.Length];
        var received = await ReadAsync(bytes, cancellationToken);
        if (received == bytes.Length)
        {
            return new PreambleOutcome.Complete(new Preamble(bytes));
        }

        Array.Clear(bytes);
        return new PreambleOutcome.Incomplete(received);
    }

    public Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => EpollExact.ReadAsync(_socket, loop, buffer, cancellationToken);

    public Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => EpollExact.WriteAsync(_socket, loop, bytes, cancellationToken);

    public void LookAfterPeer() => _socket?.KeepAlive();

    public bool TryWrite(ReadOnlySpan<byte> bytes) => EpollExact.TryWrite(_socket, bytes);

    public Task WaitForEndAsync(CancellationToken cancellationToken) => WaitAsync(EpollEvents.PeerEnded, cancellationToken);

    // Asked for nothing, epoll still reports an error or a hang-up; and neither comes while this side has not ended its own.
    public Task WaitForResetAsync(CancellationToken cancellationToken) => WaitAsync(EpollEvents.None, cancellationToken);

    public void Reset() => _socket?.Abort();

    public void Dispose() => _socket?.Dispose();

    /// <summary>Hands the socket over: from here on disposing or resetting this does nothing.</summary>
    /// <exception cref="ObjectDisposedException">The socket is closed or was handed over before.</exception>
    public SocketHandle HandOver()
    {
        var open = Open();
        _socket = null;
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
