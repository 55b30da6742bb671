using System.Net;
using System.Net.Sockets;
using Instancer.Actors.Connections;
using Instancer.Actors.Registry;
using Instancer.Gate.Parsing;

namespace Instancer.Gateway.Net.Linux;

/// <summary>A session whose two sockets are on one loop. What it does, it does on that loop's thread.</summary>
internal sealed class EpollSession : ISession, ILoopTask
{
    private readonly TaskCompletionSource<SessionEnd> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly EpollLoop _loop;
    private readonly ITenure _tenure;
    private readonly EpollSide _client;
    private readonly EpollSide _backend;
    private volatile bool _revoked;
    private bool _registered;
    private bool _ended;

    private EpollSession(SocketHandle client, SocketHandle backend, EpollLoop loop, SessionTerms terms, TimeProvider time)
    {
        _tenure = terms.Tenure;
        _loop = loop;
        _client = new EpollSide(this, client, Throttle());
        _backend = new EpollSide(this, backend, Throttle());

        EpollThrottle? Throttle() => terms.BytesPerSecond is { } rate ? new EpollThrottle(this, loop, rate, time) : null;
    }

    public Task<SessionEnd> Completion => _completion.Task;

    /// <summary>Without which nothing passes.</summary>
    public ITenure Tenure => _tenure;

    public long BytesRelayed => _client.Bytes + _backend.Bytes;

    /// <summary>Starts a session.</summary>
    /// <param name="client">The client's socket, taken over.</param>
    /// <param name="backend">The backend's socket, taken over.</param>
    /// <param name="loop">The loop that the client's socket is on.</param>
    /// <param name="terms">What it is held to.</param>
    /// <param name="time">The clock that it is held to its rate by.</param>
    public static EpollSession Start(SocketHandle client, SocketHandle backend, EpollLoop loop, SessionTerms terms, TimeProvider time)
    {
        var session = new EpollSession(client, backend, loop, terms, time);
        if (terms.ProxySource is { } source && !Introduce(source, client, backend))
        {
            session.End(SessionEndCause.BackendReset);
        }
        else if (!loop.Post(session))
        {
            session.End(SessionEndCause.Revoked);
        }

        return session;
    }

    public void Reset()
    {
        // A loop that has stopped has ended its sessions.
        _revoked = true;
        _loop.Post(this);
    }

    /// <summary>The loop has stopped.</summary>
    public void OnForgotten() => End(SessionEndCause.Revoked);

    /// <summary>Moves what can be moved, and ends the session if it has come to its end.</summary>
    public void Run()
    {
        if (_ended)
        {
            return;
        }

        if (_revoked || _loop.IsStopped || !_tenure.Holds)
        {
            End(SessionEndCause.Revoked);
        }
        else if (!_registered)
        {
            Register();
        }
        else if (Move(_client, _backend) | Move(_backend, _client))
        {
            _loop.Again(this);
        }
        else if (_client.IsLost)
        {
            End(SessionEndCause.ClientReset);
        }
        else if (_backend.IsLost)
        {
            End(SessionEndCause.BackendReset);
        }
        else if (_client.IsFinished && _backend.IsFinished)
        {
            End(SessionEndCause.Finished);
        }
    }

    // Nothing was sent to the backend before, so there is room for the header as long as there is a backend.
    private static bool Introduce(string source, SocketHandle client, SocketHandle backend) =>
        backend.TrySendAll(ProxyHeader.Write(IPEndPoint.Parse(source), client.LocalEndPoint()));

    // Registering reports what there is already, so the first events follow by themselves.
    private void Register()
    {
        const EpollEvents Events =
            EpollEvents.Readable | EpollEvents.Urgent | EpollEvents.Writable | EpollEvents.PeerEnded | EpollEvents.Edge;
        _registered = true;
        try
        {
            _loop.Watch(_client.Socket, Events, _client);
            _loop.Watch(_backend.Socket, Events, _backend);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // epoll_ctl(2): out of memory, or of the user's watches. It is this session's end, not the loop's. Or the loop was stopped this very moment.
            End(SessionEndCause.Revoked);
        }
    }

    // True if there is more to do before the session waits or ends.
    private bool Move(EpollSide source, EpollSide target)
    {
        var turn = source.MoveTo(target, _loop.Chunks);
        if (turn == Turn.TargetLost)
        {
            target.SetLost();
        }

        return turn != Turn.Waits;
    }

    private void End(SessionEndCause cause)
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        foreach (var side in (ReadOnlySpan<EpollSide>)[_client, _backend])
        {
            side.Stop(_loop.Chunks);
            if (cause == SessionEndCause.Finished)
            {
                side.Socket.Dispose();
            }
            else
            {
                side.Socket.Abort();
            }
        }

        _completion.SetResult(new SessionEnd(cause, _client.Bytes, _backend.Bytes));
    }
}
