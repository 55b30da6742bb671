using System.Net;
using Instancer.Actors.Connections;

namespace Instancer.Gateway.Net.Linux;

/// <summary>An accepted socket on an epoll loop.</summary>
/// <param name="socket">The accepted socket, taken over.</param>
/// <param name="loop">The loop that it stays with.</param>
/// <param name="remote">The client's address.</param>
internal sealed class EpollClient(SocketHandle socket, EpollLoop loop, IPEndPoint remote) : IClientSocket
{
    private SocketHandle? _socket = socket;

    public EpollLoop Loop => loop;

    public string RemoteAddress { get; } = remote.ToString();

    public async Task<PreambleOutcome> ReadPreambleAsync(CancellationToken cancellationToken)
    {
        var bytes = new byte[Preamble.Length];
        var received = 0;
        try
        {
            var open = Open();
            while (received < bytes.Length)
            {
                cancellationToken.ThrowIfCancellationRequested();

                // Never more than what is missing: the payload behind it is the backend's.
                var count = open.Receive(bytes.AsSpan(received), out var errno);
                if (count > 0)
                {
                    received += count;
                }
                else if (errno == Errno.WouldBlock)
                {
                    await EpollWait.ForAsync(open, loop, EpollEvents.Readable | EpollEvents.PeerEnded, cancellationToken);
                }
                else
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
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

    public async Task WaitForResetAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Asked for nothing, epoll still reports an error or a hang-up; and neither comes while this side has not ended its own.
            await EpollWait.ForAsync(Open(), loop, EpollEvents.None, cancellationToken);
        }
        catch (ObjectDisposedException)
        {
            // Closed on this side: nobody is left who could reset it.
        }
    }

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

    private SocketHandle Open() => _socket is { IsClosed: false } open ? open : throw new ObjectDisposedException(nameof(EpollClient));
}
