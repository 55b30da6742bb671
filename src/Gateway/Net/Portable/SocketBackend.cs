using System.Net.Sockets;

namespace Instancer.Gateway.Net.Portable;

/// <summary>A <see cref="System.Net.Sockets.Socket"/> that is connected to a backend.</summary>
/// <param name="socket">The socket, taken over.</param>
/// <param name="resets">Sees when the backend resets.</param>
internal sealed class SocketBackend(Socket socket, ResetPoller resets) : IDialledSocket
{
    public Socket Socket { get; } = socket;

    public Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => Socket.ReadExactlyAsync(buffer, cancellationToken);

    public ValueTask<int> ReadSomeAsync(Memory<byte> buffer, CancellationToken cancellationToken) => Socket.ReadAnyAsync(buffer, cancellationToken);

    public Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => Socket.WriteAllAsync(bytes, cancellationToken);

    public ValueTask<bool> EndSendingAsync(CancellationToken cancellationToken) => new(Socket.EndSending());

    public Task WaitForResetAsync(CancellationToken cancellationToken) => resets.WaitAsync(Socket, cancellationToken);

    public void LookAfterPeer() => Socket.KeepAlive();

    public void Reset() => Socket.Abort();

    public void Dispose() => Socket.Dispose();
}
