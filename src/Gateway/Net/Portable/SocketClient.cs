using System.Net;
using System.Net.Sockets;
using Instancer.Actors.Connections;

namespace Instancer.Gateway.Net.Portable;

/// <summary>An accepted <see cref="System.Net.Sockets.Socket"/>.</summary>
internal sealed class SocketClient : IClientSocket
{
    private readonly ResetPoller _resets;
    private readonly CancellationTokenSource _closed = new();

    /// <param name="socket">The accepted socket, taken over.</param>
    /// <param name="resets">Sees when the client resets.</param>
    /// <exception cref="SocketException">The client is gone already.</exception>
    public SocketClient(Socket socket, ResetPoller resets)
    {
        Socket = socket;
        _resets = resets;
        RemoteAddress = socket.RemoteEndPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped
            ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port).ToString()
            : $"{socket.RemoteEndPoint}";
    }

    public Socket Socket { get; }

    public string RemoteAddress { get; }

    public async Task<PreambleOutcome> ReadPreambleAsync(CancellationToken cancellationToken)
    {
        var bytes = new byte[Preamble.Length];
        var received = 0;
        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
            while (received < bytes.Length)
            {
                // Never more than what is missing: the payload behind it is the backend's.
                var count = await Socket.ReceiveAsync(bytes.AsMemory(received), ended.Token);
                if (count == 0)
                {
                    break;
                }

                received += count;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The outcome says it: the preamble is not whole.
        }

        if (received == bytes.Length)
        {
            return new PreambleOutcome.Complete(new Preamble(bytes));
        }

        Array.Clear(bytes);
        return new PreambleOutcome.Incomplete(received);
    }

    public Task WaitForResetAsync(CancellationToken cancellationToken) => _resets.WaitAsync(Socket, cancellationToken);

    public void Reset() => Socket.Abort();

    public void Dispose()
    {
        // .NET closes a socket that is being read with a reset; so the read ends first.
        _closed.Cancel();
        Socket.Dispose();
    }
}
