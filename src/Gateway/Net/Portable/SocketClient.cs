using System.Net;
using System.Net.Sockets;
using Instancer.Actors.Connections;

namespace Instancer.Gateway.Net.Portable;

/// <summary>An accepted <see cref="System.Net.Sockets.Socket"/>.</summary>
internal sealed class SocketClient : IAcceptedSocket
{
    private readonly ResetPoller _resets;
    private readonly CancellationTokenSource _closed = new();
    private IPEndPoint? _local;

    /// <param name="socket">The accepted socket, taken over.</param>
    /// <param name="resets">Sees when the client resets.</param>
    /// <exception cref="SocketException">The client is gone already.</exception>
    public SocketClient(Socket socket, ResetPoller resets)
    {
        Socket = socket;
        _resets = resets;
        RemoteEndPoint = Folded(socket.RemoteEndPoint);
        RemoteAddress = RemoteEndPoint.ToString();
    }

    public Socket Socket { get; }

    public string RemoteAddress { get; }

    public IPEndPoint RemoteEndPoint { get; }

    public IPEndPoint LocalEndPoint => _local ??= Folded(Socket.LocalEndPoint);

    public ValueTask<bool> PassAsync(CancellationToken cancellationToken) => new(true);

    public void Notify(ClientNotice notice)
    {
        // Nobody stands in front of it.
    }

    public Task<PreambleOutcome> ReadPreambleAsync(CancellationToken cancellationToken) => this.ReadWholePreambleAsync(cancellationToken);

    public async Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
        return await Socket.ReadExactlyAsync(buffer, ended.Token);
    }

    public async ValueTask<int> ReadSomeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled)
        {
            return await Socket.ReadAnyAsync(buffer, _closed.Token);
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
        return await Socket.ReadAnyAsync(buffer, ended.Token);
    }

    public Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => Socket.WriteAllAsync(bytes, cancellationToken);

    public ValueTask<bool> EndSendingAsync(CancellationToken cancellationToken) => new(Socket.EndSending());

    public void LookAfterPeer() => Socket.KeepAlive();

    public bool TryWrite(ReadOnlySpan<byte> bytes) => Socket.TryWriteAll(bytes);

    public async Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);

            // Takes nothing, and ends when there is something to take, be it the end.
            await Socket.ReceiveAsync(Memory<byte>.Empty, ended.Token);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Reset, or closed on this side: nobody is left who could end it.
        }
    }

    public Task WaitForResetAsync(CancellationToken cancellationToken) => _resets.WaitAsync(Socket, cancellationToken);

    public void Reset() => Socket.Abort();

    public void Dispose()
    {
        // .NET closes a socket that is being read with a reset; so the read ends first.
        _closed.Cancel();
        Socket.Dispose();
    }

    private static IPEndPoint Folded(EndPoint? endPoint)
    {
        var address = (IPEndPoint)endPoint!;
        return address.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(address.Address.MapToIPv4(), address.Port) : address;
    }
}
