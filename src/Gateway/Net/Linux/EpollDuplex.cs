using System.Net.Sockets;

namespace Instancer.Gateway.Net.Linux;

/// <summary>
/// Reads and writes a socket in both directions at once, and sees its peer's end and reset meanwhile. Its loop hears of it when something has to wait, and then of this one handler for
/// whatever waits: no wait takes another's events away.
/// </summary>
/// <param name="socket">The socket, which stays its owner's.</param>
/// <param name="loop">The loop that it is with.</param>
internal sealed class EpollDuplex(SocketHandle socket, EpollLoop loop) : EpollHandler
{
    private readonly Lock _asking = new();
    private readonly EpollSignal _readable = new();
    private readonly EpollSignal _writable = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EpollEvents _asked;
    private int _isReading;
    private int _isWriting;

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

                if (!Ask(EpollEvents.Readable | EpollEvents.PeerEnded))
                {
                    break;
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
                var count = socket.Send(bytes.Span, out var errno);
                if (count >= 0)
                {
                    bytes = bytes[count..];
                }
                else if (errno != Errno.WouldBlock)
                {
                    // Whoever meets the error first takes it from the socket, and no event tells of it again.
                    _lost.TrySetResult();
                    break;
                }
                else if (Ask(EpollEvents.Writable))
                {
                    await _writable.WaitAsync(cancellationToken);
                }
                else
                {
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
    public Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        Ask(EpollEvents.PeerEnded);
        return _ended.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Ends when the peer has reset the connection, or the socket is closed; cancelled with <paramref name="cancellationToken"/>.</summary>
    public Task WaitForResetAsync(CancellationToken cancellationToken)
    {
        Ask(EpollEvents.None);
        return _lost.Task.WaitAsync(cancellationToken);
    }

    // Has the loop tell of events, besides those that somebody waits for already; false if the socket is closed, or the system has no memory, or no watch, left for it: then it is of no use any more.
    private bool Ask(EpollEvents events)
    {
        try
        {
            lock (_asking)
            {
                // What arrives while nobody reads or writes is no news.
                var isIdle = Volatile.Read(ref _isReading) == 0 && Volatile.Read(ref _isWriting) == 0;
                var all = (isIdle ? _asked & ~(EpollEvents.Readable | EpollEvents.Writable) : _asked) | events | EpollEvents.Edge;
                if (all != _asked)
                {
                    // Reports what there is already, so what came before this, or was under way to this while less was asked for, is not missed.
                    loop.Watch(socket, all, this);
                    _asked = all;
                }
            }

            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            OnForgotten();
            socket.Abort();
            return false;
        }
    }

    // Null if there is nothing now.
    private int? TryRead(Span<byte> buffer)
    {
        var isLost = _lost.Task.IsCompleted;
        var count = buffer.IsEmpty ? socket.Look(out var errno) : socket.Receive(buffer, out errno);
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
