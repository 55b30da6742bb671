using System.Collections.Concurrent;

namespace Instancer.Gateway.Net.Linux;

/// <summary>
/// A thread that waits on one epoll instance and calls the handlers of what happened. Whatever it calls runs to its end on this thread;
/// so a session, whose two sockets are on one loop, needs no lock and no hand-over between threads.
/// </summary>
internal sealed class EpollLoop : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int Add = 1;
    private const int Remove = 2;
    private const int Modify = 3;
    private const int BatchSize = 256;
    private const ulong WakeUpTag = ulong.MaxValue;

    private readonly FileHandle _epoll = new(Libc.epoll_create1(CloseOnExec));
    private readonly FileHandle _wakeUp = new(Libc.eventfd(0, CloseOnExec | NonBlocking));
    private readonly ConcurrentQueue<ILoopTask> _posted = new();
    private readonly Lock _registering = new();
    private readonly Thread _thread;

    private List<ILoopTask> _again = [];
    private List<ILoopTask> _running = [];
    private EpollHandler?[] _handlers = new EpollHandler?[64];
    private uint _generation;
    private volatile bool _stopped;

    public EpollLoop(string name)
    {
        Span<byte> wakeUp = stackalloc byte[EpollEventLayout.Size];
        EpollEventLayout.Write(wakeUp, EpollEvents.Readable | EpollEvents.Edge, WakeUpTag);
        if (Libc.epoll_ctl_file(_epoll, Add, _wakeUp, ref wakeUp[0]) < 0)
        {
            throw Errnos.Last.ToException();
        }

        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>The chunks that this loop's sessions move bytes through. For the loop's thread only.</summary>
    public ChunkPool Chunks { get; } = new();

    /// <summary>Whether it was disposed.</summary>
    public bool IsStopped => _stopped;

    /// <summary>From here on the socket's events go to <paramref name="handler"/>, and no longer to one that was there before.</summary>
    /// <exception cref="ObjectDisposedException">The socket is closed or the loop has stopped.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The system has no memory, or no watch, left for it.</exception>
    public void Watch(SocketHandle socket, EpollEvents events, EpollHandler handler)
    {
        var held = false;
        try
        {
            // Held, it is closed after this only, and then forgotten in order.
            socket.DangerousAddRef(ref held);
            if (socket.Loop is { } other && other != this)
            {
                other.Leave(socket);
            }

            lock (_registering)
            {
                ObjectDisposedException.ThrowIf(_stopped, this);
                Register(socket, events, handler);
            }
        }
        finally
        {
            if (held)
            {
                socket.DangerousRelease();
            }
        }
    }

    /// <summary>Called when a socket that was watched is about to be closed.</summary>
    public void Forget(int number)
    {
        EpollHandler? forgotten;
        lock (_registering)
        {
            forgotten = _handlers[number];
            _handlers[number] = null;
        }

        forgotten?.OnForgotten();
    }

    /// <summary>Runs <paramref name="task"/> on the loop's thread, soon; false if the loop has stopped. From any thread.</summary>
    public bool Post(ILoopTask task)
    {
        lock (_registering)
        {
            if (_stopped)
            {
                return false;
            }

            _posted.Enqueue(task);
            WakeUp();
            return true;
        }
    }

    /// <summary>Runs <paramref name="task"/> again after the other sockets had their turn. From the loop's thread only.</summary>
    public void Again(ILoopTask task) => _again.Add(task);

    /// <summary>Stops the thread; handlers that are still registered are told.</summary>
    public void Dispose()
    {
        lock (_registering)
        {
            if (_stopped)
            {
                return;
            }

            _stopped = true;
            WakeUp();
        }

        _thread.Join();
        _epoll.Dispose();
        _wakeUp.Dispose();
    }

    private void Register(SocketHandle socket, EpollEvents events, EpollHandler handler)
    {
        if (socket.Number >= _handlers.Length)
        {
            var larger = new EpollHandler?[Math.Max(_handlers.Length * 2, socket.Number + 1)];
            _handlers.CopyTo(larger, 0);
            Volatile.Write(ref _handlers, larger);
        }

        // The handler first: the event may be there at once. But registered is the socket only when that has succeeded.
        var before = _handlers[socket.Number];
        handler.Generation = ++_generation;
        _handlers[socket.Number] = handler;
        try
        {
            Control(socket.Loop is null ? Add : Modify, socket, events, ((ulong)handler.Generation << 32) | (uint)socket.Number);
        }
        catch
        {
            _handlers[socket.Number] = before;
            throw;
        }

        socket.Loop = this;
    }

    private void Leave(SocketHandle socket)
    {
        lock (_registering)
        {
            _handlers[socket.Number] = null;
            socket.Loop = null;
            Control(Remove, socket, EpollEvents.None, 0);
        }
    }

    private void Control(int operation, SocketHandle socket, EpollEvents events, ulong data)
    {
        Span<byte> registration = stackalloc byte[EpollEventLayout.Size];
        EpollEventLayout.Write(registration, events, data);
        if (Libc.epoll_ctl(_epoll, operation, socket, ref registration[0]) < 0)
        {
            throw Errnos.Last.ToException();
        }
    }

    private void WakeUp()
    {
        ulong one = 1;
        if (Libc.write(_wakeUp, ref one, sizeof(ulong)) < 0 && Errnos.Last != Errno.WouldBlock)
        {
            throw Errnos.Last.ToException();
        }
    }

    private void Run()
    {
        var events = GC.AllocateArray<byte>(BatchSize * EpollEventLayout.Size, pinned: true);
        while (!_stopped)
        {
            var count = Libc.epoll_wait(_epoll, ref events[0], BatchSize, _again.Count > 0 ? 0 : -1);
            if (count < 0 && Errnos.Last != Errno.Interrupted)
            {
                throw Errnos.Last.ToException();
            }

            for (var i = 0; i < count; i++)
            {
                Dispatch(events.AsSpan(i * EpollEventLayout.Size, EpollEventLayout.Size));
            }

            RunAgain();
        }

        RunPosted();
        foreach (var handler in _handlers)
        {
            handler?.OnForgotten();
        }
    }

    private void Dispatch(ReadOnlySpan<byte> epollEvent)
    {
        var (events, data) = EpollEventLayout.Read(epollEvent);
        if (data == WakeUpTag)
        {
            RunPosted();
        }
        else if (Volatile.Read(ref _handlers)[(uint)data] is { } handler && handler.Generation == (uint)(data >> 32))
        {
            handler.OnEvents(events);
        }
    }

    private void RunPosted()
    {
        ulong signals = 0;
        if (Libc.read(_wakeUp, ref signals, sizeof(ulong)) < 0 && Errnos.Last != Errno.WouldBlock)
        {
            throw Errnos.Last.ToException();
        }

        while (_posted.TryDequeue(out var task))
        {
            task.Run();
        }
    }

    private void RunAgain()
    {
        (_running, _again) = (_again, _running);
        foreach (var task in _running)
        {
            task.Run();
        }

        _running.Clear();
    }
}
