namespace Instancer.Gateway.Net.Linux;

/// <summary>How one turn of moving bytes ended.</summary>
internal enum Turn
{
    /// <summary>Nothing more can be moved until an event comes.</summary>
    Waits,

    /// <summary>There is more, but others are to have their turn.</summary>
    HasMore,

    /// <summary>The target is lost.</summary>
    TargetLost,
}

/// <summary>
/// One side of a session: its socket, what epoll said of it, and the direction that starts here. For the loop's thread only.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="socket">This side's socket.</param>
/// <param name="throttle">What the direction that starts here is held to; null for nothing.</param>
internal sealed class EpollSide(EpollSession session, SocketHandle socket, EpollThrottle? throttle) : EpollHandler
{
    // So much in one turn, then the next session: about half a millisecond.
    private const int ChunksPerTurn = 8;

    private byte[]? _chunk;
    private int _sent;
    private int _filled;
    private long _bytes;
    private bool _readable;
    private bool _writable;
    private bool _readsUntilDry;

    public SocketHandle Socket => socket;

    /// <summary>The bytes passed on from this side.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Whether the connection is lost: what has arrived may still be passed on, and then the session ends.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Whether this side has ended in order and the other one was told.</summary>
    public bool IsFinished { get; private set; }

    public override void OnEvents(EpollEvents events)
    {
        if ((events & EpollEvents.Error) != 0)
        {
            SetLost();
        }

        _readsUntilDry |= (events & (EpollEvents.PeerEnded | EpollEvents.HangUp | EpollEvents.Urgent)) != 0;
        _readable |= _readsUntilDry || (events & EpollEvents.Readable) != 0;
        _writable |= (events & EpollEvents.Writable) != 0;
        session.Run();
    }

    public override void OnForgotten() => session.OnForgotten();

    /// <summary>Notes that the connection is lost; what has arrived before can still be read.</summary>
    public void SetLost() => IsLost = _readsUntilDry = _readable = true;

    /// <summary>Moves what has come to <paramref name="target"/>, as far as that has room.</summary>
    public Turn MoveTo(EpollSide target, ChunkPool chunks)
    {
        for (var i = 0; i < ChunksPerTurn; i++)
        {
            if (IsFinished || target.IsLost)
            {
                return Turn.Waits;
            }

            if (!session.Tenure.Holds)
            {
                // The session's next turn ends it.
                return Turn.HasMore;
            }

            if (_sent < _filled)
            {
                if (!target._writable)
                {
                    return Turn.Waits;
                }

                if (!Flush(target, chunks))
                {
                    return Turn.TargetLost;
                }
            }
            else if (!_readable)
            {
                return Turn.Waits;
            }
            else
            {
                // Asked before there is a chunk: while nothing may pass, none is held.
                var room = throttle is null ? ChunkPool.ChunkLength : throttle.Room(ChunkPool.ChunkLength);
                if (room == 0)
                {
                    return Turn.Waits;
                }

                if (!Fill(room, target, chunks))
                {
                    return Turn.TargetLost;
                }
            }
        }

        return Turn.HasMore;
    }

    /// <summary>Gives back what it has, whatever is in it, and waits for nothing any more.</summary>
    public void Stop(ChunkPool chunks)
    {
        Release(chunks);
        throttle?.Dispose();
    }

    // Gives the chunk back, whatever is in it.
    private void Release(ChunkPool chunks)
    {
        if (_chunk is not null)
        {
            chunks.Return(_chunk);
            _chunk = null;
        }

        _sent = _filled = 0;
    }

    // Reads at most so much and sends it on; false if the target is lost.
    private bool Fill(int room, EpollSide target, ChunkPool chunks)
    {
        _chunk ??= chunks.Rent();
        var count = socket.Receive(_chunk.AsSpan(0, room), out var errno);
        if (count > 0)
        {
            // A stream's read that leaves room has emptied it, and what comes later is a new event: epoll(7). But an end that
            // came already is no new event, and a read stops at an urgent byte.
            _readable = count == room || _readsUntilDry;
            (_sent, _filled) = (0, count);
            return Flush(target, chunks);
        }

        Release(chunks);
        _readable = false;
        if (count == 0 && !IsLost)
        {
            IsFinished = true;
            return target.Socket.EndSending();
        }

        IsLost |= errno != Errno.WouldBlock;
        return true;
    }

    // Sends what is left of the chunk; false if the target is lost.
    private bool Flush(EpollSide target, ChunkPool chunks)
    {
        var count = target.Socket.Send(_chunk.AsSpan(_sent, _filled - _sent), out var errno);
        if (count < 0)
        {
            target._writable = false;
            return errno == Errno.WouldBlock;
        }

        _sent += count;
        Volatile.Write(ref _bytes, _bytes + count);
        throttle?.Spend(count);
        if (_sent < _filled)
        {
            target._writable = false;
        }
        else
        {
            Release(chunks);
        }

        return true;
    }
}
