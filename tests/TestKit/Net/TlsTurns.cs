using System.Net.Security;
using System.Net.Sockets;

namespace Instancer.TestKit.Net;

/// <summary>
/// Keeps what is done with an <see cref="SslStream"/> apart where that does not do it itself: its ShutdownAsync must not run while a read decrypts. A read that waits for its socket is in nobody's way.
/// </summary>
public sealed class TlsTurns
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>The stream to speak TLS over.</summary>
    public NetworkStream Over(Socket socket) => new Below(socket, _turn);

    /// <summary>Does something in a turn of its own: a handshake, a read, a shutdown.</summary>
    public async Task RunAsync(Func<Task> act)
    {
        await _turn.WaitAsync();
        try
        {
            await act();
        }
        finally
        {
            _turn.Release();
        }
    }

    private sealed class Below(Socket socket, SemaphoreSlim turn) : NetworkStream(socket)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            turn.Release();
            try
            {
                return await base.ReadAsync(buffer, cancellationToken);
            }
            finally
            {
                await turn.WaitAsync(CancellationToken.None);
            }
        }
    }
}
