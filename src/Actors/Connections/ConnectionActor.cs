using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Connections;

/// <summary>
/// One client socket from accept to close: preamble, admission, dial, relay. Whatever ends the actor ends the socket, and
/// whoever holds something for it (a place in a queue, a lease) watches the actor: so nothing has to be given back by hand.
/// </summary>
internal sealed class ConnectionActor : Actor<ConnectionMessage>
{
    private const string Deadline = "deadline";
    private const string Progress = "progress";

    /// <summary>How long a connect may take to a backend that was just seen to accept.</summary>
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a dial may still take once its backend has ended: a connection that was made is there within this, and what is made later, when a
    /// packet is sent again after a second, might be made to another that got the same address.
    /// </summary>
    private static readonly TimeSpan LateDialTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>How long the session of an exited backend may stand still before it is given up.</summary>
    private static readonly TimeSpan ProgressTimeout = TimeSpan.FromSeconds(10);

    private readonly ConnectionScope _scope;
    private readonly IClientSocket _socket;
    private readonly CancellationTokenSource _stop = new();
    private CancellationTokenSource? _resetWatch;
    private ITenure _tenure = UnlimitedTenure.Instance;
    private ISession? _session;
    private long _progress;
    private Phase _phase;
    private bool _backendExited;
    private string _outcome = "failed";

    public ConnectionActor(ConnectionScope scope, IClientSocket socket)
    {
        _scope = scope;
        _socket = socket;
    }

    /// <summary>What the connection waits for.</summary>
    private enum Phase
    {
        Preamble,
        Admission,
        Dial,
        Relay,
        Ended,
    }

    protected internal override void PreStart()
    {
        if (_scope.Challenge.Scope == ChallengeScope.Connection)
        {
            Admit(new InstanceKey(_scope.Challenge.Name, _scope.NewToken(), 1), client: null);
            return;
        }

        Context.StartTimer(Deadline, new ConnectionMessage.DeadlinePassed(), _scope.Options.Gateway.PreambleTimeout);
        Context.PipeToSelf(_socket.ReadPreambleAsync(_stop.Token), outcome => new ConnectionMessage.PreambleRead(outcome));
    }

    protected internal override void Receive(ConnectionMessage message)
    {
        switch (message, _phase)
        {
            case (_, Phase.Ended):
                (message as IDiscardable)?.Discard();
                break;
            case (ConnectionMessage.PreambleRead read, Phase.Preamble):
                OnPreamble(read.Outcome);
                break;
            case (ConnectionMessage.LeasePending, Phase.Admission) when _resetWatch is null:
                WatchForReset();
                break;
            case (ConnectionMessage.LeaseGranted granted, Phase.Admission):
                Dial(granted);
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
            case (ConnectionMessage.DeadlinePassed, _):
                Close("timeout", $"{_phase} took too long");
                break;
            case (ConnectionMessage.ClientReset, Phase.Admission):
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
            case (ConnectionMessage.Drain, not Phase.Relay):
                Close("drained", "the node stops");
                break;
            case (ConnectionMessage.Abort, Phase.Relay):
                _session!.Reset();
                break;
            case (ConnectionMessage.Abort, _):
                Reset("aborted", "the node stops");
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
        else if (_phase != Phase.Ended)
        {
            // The actor failed: the session must not outlive the one who answers for it.
            _session.Reset();
        }

        _scope.Metrics.ConnectionEnded(_scope.Challenge.Name, _outcome);
    }

    private void OnPreamble(PreambleOutcome outcome)
    {
        if (outcome is not PreambleOutcome.Complete { Preamble: var preamble })
        {
            Close("incomplete", $"{(outcome as PreambleOutcome.Incomplete)?.Received} of {Preamble.Length} bytes came");
            return;
        }

        var client = _scope.Authenticator.Authenticate(preamble.Token);
        var identifier = preamble.Identifier;
        preamble.Erase();
        if (client is null)
        {
            Close("not-accepted", "the token is not accepted");
            return;
        }

        Admit(new InstanceKey(_scope.Challenge.Name, client.Token, identifier), client.Name);
    }

    private void Admit(InstanceKey key, string? client)
    {
        _phase = Phase.Admission;
        Context.StartTimer(
            Deadline, new ConnectionMessage.DeadlinePassed(), _scope.Options.StartQueue.Timeout + _scope.Challenge.StartTimeout);
        _scope.Registry.Tell(new RegistryMessage.Acquire(key, client, Self));
    }

    private void WatchForReset()
    {
        _resetWatch = new CancellationTokenSource();
        Context.PipeToSelf(_socket.WaitForResetAsync(_resetWatch.Token), new ConnectionMessage.ClientReset());
    }

    private void Dial(ConnectionMessage.LeaseGranted granted)
    {
        _phase = Phase.Dial;
        _tenure = granted.Tenure;
        _resetWatch?.Cancel();
        Context.StartTimer(Deadline, new ConnectionMessage.DeadlinePassed(), DialTimeout);
        Context.PipeToSelf(_scope.Relay.DialAsync(granted.Address, _stop.Token), outcome => new ConnectionMessage.Dialed(outcome));
    }

    private void Relay(IBackendSocket backend)
    {
        _phase = Phase.Relay;
        Context.CancelTimer(Deadline);
        _session = _scope.Relay.Start(_socket, backend, _tenure);
        _scope.Metrics.SessionStarted(_scope.Challenge.Name);
        Context.PipeToSelf(_session.Completion, end => new ConnectionMessage.SessionEnded(end));
        if (_backendExited)
        {
            // What it said before it ended is the client's all the same.
            WatchProgress(_session);
        }
    }

    private void OnSessionEnded(SessionEnd end)
    {
        _scope.Metrics.SessionEnded(_scope.Challenge.Name, end);
        ConnectionsLog.SessionEnded(
            _scope.Logger, _socket.RemoteAddress, _scope.Challenge.Name, end.Cause, end.BytesFromClient, end.BytesFromBackend);
        End("served");
    }

    private void WatchProgress(ISession session)
    {
        _progress = session.BytesRelayed;
        Context.StartPeriodicTimer(Progress, new ConnectionMessage.CheckProgress(), ProgressTimeout);
    }

    private void OnCheckProgress(ISession session)
    {
        if (session.BytesRelayed == _progress)
        {
            session.Reset();
        }

        _progress = session.BytesRelayed;
    }

    private void Close(string outcome, string reason)
    {
        ConnectionsLog.Closed(_scope.Logger, _socket.RemoteAddress, _scope.Challenge.Name, reason);
        End(outcome);
    }

    private void Reset(string outcome, string reason)
    {
        _socket.Reset();
        Close(outcome, reason);
    }

    private void End(string outcome)
    {
        _outcome = outcome;
        _phase = Phase.Ended;
        Context.StopSelf();
    }
}
