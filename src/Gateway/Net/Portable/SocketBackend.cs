using System.Net.Sockets;

namespace Instancer.Gateway.Net.Portable;

/// <summary>A <see cref="System.Net.Sockets.Socket"/> that is connected to a backend.</summary>
/// <param name="socket">The socket, taken over.</param>
internal sealed class SocketBackend(Socket socket) : IDialledSocket
{
    public Socket Socket { get; } = socket;

    public Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => Socket.ReadExactlyAsync(buffer, cancellationToken);

    public Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => Socket.WriteAllAsync(bytes, cancellationToken);

    public void LookAfterPeer() => Socket.KeepAlive();

    public void Reset() => Socket.Abort();

    public void Dispose() => Socket.Dispose();
}
