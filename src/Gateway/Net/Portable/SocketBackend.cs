using System.Net.Sockets;
using Instancer.Actors.Connections;

namespace Instancer.Gateway.Net.Portable;

/// <summary>A <see cref="System.Net.Sockets.Socket"/> that is connected to a backend.</summary>
/// <param name="socket">The socket, taken over.</param>
internal sealed class SocketBackend(Socket socket) : IBackendSocket
{
    public Socket Socket { get; } = socket;

    public void Dispose() => Socket.Dispose();
}
