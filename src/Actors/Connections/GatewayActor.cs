using Instancer.Actors.Runtime;

namespace Instancer.Actors.Connections;

/// <summary>
/// The front door of one challenge, or of the other nodes: owns the listening socket and the connection limit. It asks for the next client
/// only when it may take one, so that past the limit, or without file descriptors, clients wait in the listener's backlog.
/// </summary>
internal sealed class GatewayActor : Actor<GatewayMessage>
{
    private const string Retry = "retry";
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a connection may be opening whatever waits behind it.</summary>
    private static readonly TimeSpan OpeningGrace = TimeSpan.FromSeconds(1);

    /// <summary>How far apart notes are that nobody is accepted: where strangers take all the room that there is, it comes and goes many times a second.</summary>
    private static readonly TimeSpan NotesApart = TimeSpan.FromSeconds(10);

    private readonly GatewayScope _scope;
    private readonly AcceptGate _gate;
    private ReplyTo<Drained>? _drain;
    private bool _isOpen = true;
    private bool _isOver;
    private bool _paused;
    private bool _saysResumed;
    private TimeSpan? _saidPausedAt;
    private bool _failed;

    public GatewayActor(GatewayScope scope, AcceptGate gate)
    {
        _scope = scope;
        _gate = gate;
    }

    protected internal override void PreStart() => Accept();

    protected internal override void Receive(GatewayMessage message)
    {
        switch (message)
        {
            case GatewayMessage.AcceptEnded ended:
                _gate.Pending = false;
                OnAccept(ended);
                break;
            case GatewayMessage.AcceptFailed failed:
                _gate.Pending = false;
                OnAcceptFailed(failed.Cause);
                break;
            case GatewayMessage.ConnectionEnded:
                Accept();
                break;
            case GatewayMessage.AcceptAgain:
                Accept();
                break;
            case GatewayMessage.Drain drain:
                OnDrain(drain);
                break;
            case GatewayMessage.DrainDeadline:
                TellConnections(new ConnectionMessage.Abort());
                _isOver = true;
                break;
        }

        // Where there are ever new ones, nobody waits for the last.
        if (_drain is not null && (Context.ChildCount == 0 || (_isOver && _scope.StaysOpen)))
        {
            _drain.Reply(new Drained());
        }
    }

    protected internal override void PostStop() => _gate.Listener.Dispose();

    private void Accept()
    {
        if (_gate.Pending || !_isOpen)
        {
            return;
        }

        if (Context.ChildCount >= _scope.Options.MaxConnections)
        {
            MakeRoom();
            return;
        }

        Context.CancelTimer(Retry);
        var accept = _gate.Listener.AcceptAsync();
        _gate.Pending = true;

        // Whatever comes of it is a message: as this actor's failure it would leave the gate's accept under way for ever.
        Context.PipeToSelf(
            accept, outcome => new GatewayMessage.AcceptEnded(outcome), cause => new GatewayMessage.AcceptFailed(cause));
    }

    /// <summary>Has the oldest give way of those that are still opening, and looks again: it may just have said what it wants, and then it stays.</summary>
    private void MakeRoom()
    {
        if (_gate.Openings.Oldest is not { } oldest)
        {
            return;
        }

        var due = oldest.Since + OpeningGrace - Context.Time.Uptime();
        Context.StartTimer(Retry, new GatewayMessage.AcceptAgain(), GiveWay() ? RetryAfter : due);
    }

    /// <summary>Has the oldest of those that are still opening give way, if it has had its time; false if not.</summary>
    private bool GiveWay()
    {
        if (_gate.Openings.Oldest is not { } oldest || Context.Time.Uptime() - oldest.Since < OpeningGrace)
        {
            return false;
        }

        oldest.Connection?.Tell(ConnectionMessage.GiveWay.Instance);
        _gate.Openings.RemoveOldest();
        return true;
    }

    private void OnAccept(GatewayMessage.AcceptEnded ended)
    {
        switch (ended.Outcome)
        {
            case AcceptOutcome.Accepted when !_isOpen:
                ended.Discard();
                break;
            case AcceptOutcome.Accepted accepted:
                NoteResumed();
                Serve(accepted.Socket);
                Accept();
                break;
            case AcceptOutcome.TryLater later:
                NotePaused(later.Reason);
                RetryLater();
                if (later.IsShort)
                {
                    GiveWay();
                }

                break;
        }
    }

    private void OnAcceptFailed(Exception cause)
    {
        if (!_failed)
        {
            _failed = true;
            ConnectionsLog.AcceptFailed(_scope.Logger, cause, _scope.Name);
        }

        RetryLater();
    }

    private void RetryLater() => Context.StartTimer(Retry, new GatewayMessage.AcceptAgain(), RetryAfter);

    private void Serve(IClientSocket socket)
    {
        var opening = new Opening(Context.Time.Uptime());
        var connection = Context.Spawn(() => Connect(socket, opening), "connection", SupervisionStrategy.Stopping);
        opening.Connection = connection;
        _gate.Openings.Add(opening);
        Context.Watch(connection, GatewayMessage.ConnectionEnded.Instance);
    }

    private ConnectionActor Connect(IClientSocket socket, Opening opening)
    {
        var connection = _scope.Connect(socket);
        connection.Opening = opening;
        return connection;
    }

    private void OnDrain(GatewayMessage.Drain drain)
    {
        _drain = drain.ReplyTo;
        Context.StartTimer("drain", new GatewayMessage.DrainDeadline(), drain.Timeout);
        if (!_scope.StaysOpen)
        {
            _isOpen = false;
            _gate.Listener.Dispose();
            TellConnections(new ConnectionMessage.Drain());
        }

        // When it is said, nobody comes in any more.
        ConnectionsLog.Draining(_scope.Logger, _scope.Name, Context.ChildCount);
    }

    private void TellConnections(ConnectionMessage message)
    {
        foreach (var connection in Context.Children.OfType<ActorRef<ConnectionMessage>>())
        {
            connection.Tell(message);
        }
    }

    private void NotePaused(string reason)
    {
        if (_paused)
        {
            return;
        }

        _paused = true;
        var now = Context.Time.Uptime();
        if (_saidPausedAt is not { } last || now - last >= NotesApart)
        {
            (_saidPausedAt, _saysResumed) = (now, true);
            ConnectionsLog.AcceptPaused(_scope.Logger, _scope.Name, reason);
        }
    }

    private void NoteResumed()
    {
        var says = _failed || _saysResumed;
        (_paused, _failed, _saysResumed) = (false, false, false);
        if (says)
        {
            ConnectionsLog.AcceptResumed(_scope.Logger, _scope.Name);
        }
    }
}

/// <summary>
/// The listener, whether the outcome of an accept is still to come, and who is still opening: what outlives a restart of the gateway actor. The outcome
/// does too, and is told to whoever is the actor by then.
/// </summary>
internal sealed class AcceptGate(IListener listener)
{
    public IListener Listener => listener;

    public bool Pending { get; set; }

    public Openings Openings { get; } = new();
}
