using System.Net.Sockets;

namespace Instancer.Gateway.Net.Linux;

/// <summary>
/// Reads and writes a socket in both directions at once, and sees a reset meanwhile. Registered with its loop once, for everything: where <see cref="EpollWait"/> registers for each wait.
/// </summary>
internal sealed class EpollDuplex : EpollHandler
{
    private const EpollEvents All = EpollEvents.Readable | EpollEvents.Writable | EpollEvents.PeerEnded | EpollEvents.Edge;

    private readonly SocketHandle _socket;
    private readonly EpollSignal _readable = new();
    private readonly EpollSignal _writable = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isReading;
    private int _isWriting;

    private EpollDuplex(SocketHandle socket)
    {
        _socket = socket;
    }

    /// <summary>The one of a socket, which is made if there is none yet; whoever waited for the socket's events before hears of them no more.</summary>
    /// <param name="socket">The socket; null if it was handed over.</param>
    /// <param name="loop">The loop that it is with.</param>
    /// <param name="duplex">Where the one is kept.</param>
    /// <returns>Null if the socket is closed or was handed over, or the system has no memory, or no watch, left for it.</returns>
    public static EpollDuplex? Of(SocketHandle? socket, EpollLoop loop, ref EpollDuplex? duplex)
    {
        if (duplex is not null || socket is null)
        {
            return duplex;
        }

        var made = new EpollDuplex(socket);
        if (Interlocked.CompareExchange(ref duplex, made, null) is { } other)
        {
            return other;
        }

        try
        {
            loop.Watch(socket, All, made);
            return made;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            made.OnForgotten();
            socket.Abort();
            return null;
        }
    }

    public override void OnEvents(EpollEvents events)
    {
        if ((events & EpollEvents.Error) != 0)
        {
            _lost.TrySetResult();
        }

        if ((events & (EpollEvents.PeerEnded | EpollEvents.Error | EpollEvents.HangUp)) != 0)
        {
            _ended.TrySetResult();
        }

        if ((events & (EpollEvents.Readable | EpollEvents.PeerEnded | EpollEvents.Error | EpollEvents.HangUp)) != 0)
        {
            _readable.Set();
        }

        if ((events & (EpollEvents.Writable | EpollEvents.Error | EpollEvents.HangUp)) != 0)
        {
            _writable.Set();
        }
    }

    public override void OnForgotten()
    {
        _lost.TrySetResult();
        _ended.TrySetResult();
        _readable.Set();
        _writable.Set();
    }

    /// <summary>As <see cref="IExactSocket.ReadAsync"/>.</summary>
    public async Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var received = 0;
        while (received < buffer.Length && await ReadSomeAsync(buffer[received..], cancellationToken) is var count and > 0)
        {
            received += count;
        }

        return received;
    }

    /// <summary>As <see cref="IExactSocket.ReadSomeAsync"/>; a second one at the same time finds the socket lost.</summary>
    public async ValueTask<int> ReadSomeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
        {
            return ExactSocket.Lost;
        }

        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                _readable.Reset();
                if (TryRead(buffer.Span) is { } count)
                {
                    return count;
                }

                await _readable.WaitAsync(cancellationToken);
            }
        }
        catch (ObjectDisposedException)
        {
            // Closed on this side.
        }
        finally
        {
            Volatile.Write(ref _isReading, 0);
        }

        return ExactSocket.Lost;
    }

    /// <summary>As <see cref="IExactSocket.WriteAsync"/>; a second one at the same time finds the socket lost.</summary>
    public async Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isWriting, 1) != 0)
        {
            return false;
        }

        try
        {
            while (!bytes.IsEmpty && !cancellationToken.IsCancellationRequested)
            {
                _writable.Reset();
                var count = _socket.Send(bytes.Span, out var errno);
                if (count >= 0)
                {
                    bytes = bytes[count..];
                }
                else if (errno == Errno.WouldBlock)
                {
                    await _writable.WaitAsync(cancellationToken);
                }
                else
                {
                    // Whoever meets the error first takes it from the socket, and no event tells of it again.
                    _lost.TrySetResult();
                    break;
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // What is left says it.
        }
        finally
        {
            Volatile.Write(ref _isWriting, 0);
        }

        return bytes.IsEmpty;
    }

    /// <summary>As <see cref="IAcceptedSocket.WaitForEndAsync"/>.</summary>
    public Task WaitForEndAsync(CancellationToken cancellationToken) => _ended.Task.WaitAsync(cancellationToken);

    /// <summary>Ends when the peer has reset the connection, or the socket is closed; cancelled with <paramref name="cancellationToken"/>.</summary>
    public Task WaitForResetAsync(CancellationToken cancellationToken) => _lost.Task.WaitAsync(cancellationToken);

    // Null if there is nothing now.
    private int? TryRead(Span<byte> buffer)
    {
        var isLost = _lost.Task.IsCompleted;
        var count = buffer.IsEmpty ? _socket.Look(out var errno) : _socket.Receive(buffer, out errno);
        if (count > 0)
        {
            return buffer.IsEmpty ? 0 : count;
        }

        if (count < 0 && errno == Errno.WouldBlock)
        {
            return null;
        }

        // Whoever meets the error first takes it from the socket, and what is read after that looks like an end.
        if (count < 0)
        {
            _lost.TrySetResult();
        }

        return count < 0 || isLost ? ExactSocket.Lost : 0;
    }
}
