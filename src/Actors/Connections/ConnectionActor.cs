using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;
using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Connections;

/// <summary>
/// One socket from accept to close: it opens by saying what it wants, and then come admission, dial, relay. Whatever ends the actor ends the socket, and
/// whoever holds something for it (a place in a queue, a lease) watches the actor: so nothing has to be given back by hand. The dial and the session have a file of their own, and so has the end of who is not served.
/// </summary>
internal abstract partial class ConnectionActor : Actor<ConnectionMessage>
{
    /// <summary>The timer of the phase that the connection is in.</summary>
    protected const string Deadline = "deadline";

    /// <summary>The outcome of a connection that the node's end cuts short.</summary>
    protected const string Aborted = "aborted";

    private readonly IClientSocket _socket;
    private readonly CancellationTokenSource _stop = new();
    private CancellationTokenSource? _resetWatch;
    private ISession? _session;
    private bool _backendExited;
    private string _outcome = "failed";

    protected ConnectionActor(IClientSocket socket)
    {
        _socket = socket;
    }

    /// <summary>What the connection waits for.</summary>
    protected enum Phase
    {
        /// <summary>That it says what it wants.</summary>
        Opening,

        /// <summary>Whose its token is.</summary>
        Authentication,

        /// <summary>A lease.</summary>
        Admission,

        /// <summary>Another node, which is to serve it.</summary>
        Forward,

        /// <summary>The backend's socket.</summary>
        Dial,

        /// <summary>The end of the session.</summary>
        Relay,

        /// <summary>Nothing any more.</summary>
        Ended,
    }

    /// <summary>Where it is in its life.</summary>
    protected Phase Now
    {
        get;
        set
        {
            field = value;
            if (value != Phase.Opening)
            {
                Opening?.End();
            }
        }
    }

    /// <summary>Its place among those that are still opening, if its gateway keeps one.</summary>
    internal Opening? Opening { get; set; }

    /// <summary>What it shares with the others of its challenge; set before it is admitted.</summary>
    protected ConnectionScope? Scope { get; set; }

    /// <summary>Where it came in, in logs.</summary>
    protected abstract string Door { get; }

    /// <summary>Where it logs.</summary>
    protected abstract ILogger Logger { get; }

    /// <summary>Ends when the actor does.</summary>
    protected CancellationToken Stopped => _stop.Token;

    protected internal override void Receive(ConnectionMessage message)
    {
        switch (message, Now)
        {
            case (_, Phase.Ended):
                (message as IDiscardable)?.Discard();
                break;
            case (ConnectionMessage.LeasePending, Phase.Admission):
                WatchForReset();
                break;
            case (ConnectionMessage.StartAwaited awaited, Phase.Admission):
                _socket.Notify(new ClientNotice.Waits(awaited.Position));
                break;
            case (ConnectionMessage.LeaseGranted granted, Phase.Admission):
                Dial(granted);
                break;
            case (ConnectionMessage.LeaseElsewhere elsewhere, Phase.Admission):
                OnElsewhere(elsewhere);
                break;
            case (ConnectionMessage.LeaseDenied denied, Phase.Admission):
                Close("denied", denied.Reason);
                break;
            case (ConnectionMessage.Dialed { Outcome: DialOutcome.Connected connected }, Phase.Dial):
                Relay(connected.Socket);
                break;
            case (ConnectionMessage.Dialed { Outcome: DialOutcome.Failed failed }, Phase.Dial):
                Reset("dial-failed", failed.Reason);
                break;
            case (ConnectionMessage.SessionEnded ended, _):
                OnSessionEnded(ended.End);
                break;
            case (ConnectionMessage.DeadlinePassed, Phase.Dial):
                Reset("dial-failed", _backendExited ? "the backend ended before it was connected" : $"no connection to the backend within {DialTimeout}");
                break;
            case (ConnectionMessage.DeadlinePassed, Phase.Opening):
                TurnAway("timeout", $"{Now} took too long");
                break;
            case (ConnectionMessage.DeadlinePassed, _):
                Close("timeout", $"{Now} took too long");
                break;
            case (ConnectionMessage.GiveWay, Phase.Opening):
                Close("gave-way", "others wait, and it has not said yet what it wants");
                break;
            case (ConnectionMessage.ClientReset, Phase.Authentication or Phase.Admission or Phase.Forward):
                Reset("client-reset", "the client went away while it waited");
                break;
            case (ConnectionMessage.LeaseRevoked, Phase.Relay):
                _session!.Reset();
                break;
            case (ConnectionMessage.LeaseRevoked revoked, Phase.Dial):
                Reset("revoked", revoked.Reason);
                break;
            case (ConnectionMessage.BackendExited, Phase.Relay):
                WatchProgress(_session!);
                break;
            case (ConnectionMessage.BackendExited, Phase.Dial):
                _backendExited = true;
                Context.StartTimer(Deadline, new ConnectionMessage.DeadlinePassed(), LateDialTimeout);
                break;
            case (ConnectionMessage.CheckProgress, Phase.Relay):
                OnCheckProgress(_session!);
                break;
            case (ConnectionMessage.SessionTimeIsUp, Phase.Relay):
                OnSessionTimeIsUp(_session!);
                break;
            case (ConnectionMessage.Drain, not Phase.Relay):
                Close("drained", "the node stops");
                break;
            case (ConnectionMessage.Abort, Phase.Relay):
                _session!.Reset();
                break;
            case (ConnectionMessage.Abort, _):
                Reset(Aborted, "the node stops");
                break;
            default:
                ReceiveMore(message);
                break;
        }
    }

    protected internal override void PostStop()
    {
        _stop.Cancel();
        _resetWatch?.Cancel();
        if (_session is null)
        {
            _socket.Dispose();
        }
        else if (Now != Phase.Ended)
        {
            // The actor failed: the session must not outlive the one who answers for it.
            _session.Reset();
        }

        Opening?.End();
        NoteEnded(_outcome);
    }

    /// <summary>What only one kind of connection takes.</summary>
    protected abstract void ReceiveMore(ConnectionMessage message);

    /// <summary>The instance is another node's, or may be.</summary>
    protected abstract void OnElsewhere(ConnectionMessage.LeaseElsewhere elsewhere);

    /// <summary>The backend is connected, and nothing has passed yet.</summary>
    protected virtual void OnServing()
    {
    }

    /// <summary>It is closed without having been served.</summary>
    /// <param name="outcome">How it ended.</param>
    protected virtual void OnUnserved(string outcome)
    {
    }

    /// <summary>It is over.</summary>
    protected abstract void NoteEnded(string outcome);

    /// <summary>Asks for a lease; what may take long from here on has one deadline.</summary>
    protected void Admit(ConnectionScope scope, RegistryMessage.Acquire request)
    {
        (Now, Scope) = (Phase.Admission, scope);
        Context.StartTimer(
            Deadline, new ConnectionMessage.DeadlinePassed(), scope.Options.StartQueue.Timeout + scope.Challenge.StartTimeout);
        scope.Registry.Tell(request);
    }

    /// <summary>Has a reset by the client noticed while it waits.</summary>
    protected void WatchForReset()
    {
        if (_resetWatch is null)
        {
            _resetWatch = new CancellationTokenSource();
            Context.PipeToSelf(_socket.WaitForResetAsync(_resetWatch.Token), new ConnectionMessage.ClientReset());
        }
    }
}
