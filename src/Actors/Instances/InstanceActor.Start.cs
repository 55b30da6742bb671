using Instancer.Actors.Connections;
using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;

namespace Instancer.Actors.Instances;

/// <summary>From its turn to a backend that runs, started or found.</summary>
internal sealed partial class InstanceActor
{
    private long _startedAt;

    private bool ReceiveStart(InstanceMessage message)
    {
        switch (message)
        {
            case InstanceMessage.Claimed claimed:
                OnClaimed(claimed.Owner);
                return true;
            case InstanceMessage.ClaimAgain:
                OnClaimAgain();
                return true;
            case InstanceMessage.CheckTenure:
                OnCheckTenure();
                return true;
            case InstanceMessage.HandBack:
                _holds.HandsBack = true;
                HandBack();
                return true;
            case InstanceMessage.StartGranted granted:
                OnStartGranted(granted.Port, granted.Spare);
                return true;
            case InstanceMessage.StartWaits waits when _phase == Phase.Queued:
                TellWaiting(new ConnectionMessage.StartAwaited(waits.Position));
                return true;
            case InstanceMessage.StartRefused refused when _phase == Phase.Queued:
                DenyAll(refused.Reason);
                Settle();
                return true;
            case InstanceMessage.QueueDeadline:
                OnQueueDeadline();
                return true;
            case InstanceMessage.StartEnded ended:
                OnStartEnded(ended.Outcome);
                return true;
            case InstanceMessage.Found found:
                OnFound(found.Backend, found.Adopt);
                return true;
            default:
                return false;
        }
    }

    private void OnStartGranted(int? port, Spare? spare)
    {
        if (_phase != Phase.Queued)
        {
            // It crossed with the message that the start is not wanted any more.
            _holds.Spare = spare;
            SettleStart(succeeded: false);
            _registry.Tell(new RegistryMessage.RoomReturned(_key));
            return;
        }

        Context.CancelTimer(QueueTimer);
        TellWaiting(ConnectionMessage.StartAwaited.Begins);
        if (spare is null)
        {
            Start(port);
        }
        else
        {
            Take(spare);
        }
    }

    private void Start(int? port)
    {
        Enter(Phase.Starting);
        _port = port;
        _startedAt = Context.Time.GetTimestamp();
        _holds.HasRoom = true;
        var request = new StartRequest(_key, _scope.Challenge.Template, port) { Client = _client, IsSpare = _holds.IsSpare };
        Call(
            giveUp => _scope.Runtime.StartAsync(request, giveUp),
            _scope.Challenge.StartTimeout,
            outcome => new InstanceMessage.StartEnded(outcome),
            fault => new StartOutcome.Failed(StartFailure.Rejected, fault));
    }

    private void OnStartEnded(StartOutcome outcome)
    {
        EndCall();
        var succeeded = _phase == Phase.Starting && outcome is StartOutcome.Started;
        switch (_phase, outcome)
        {
            case (Phase.Recovering, _):
                Recover();
                return;
            case (Phase.Starting, StartOutcome.Started { Backend: var backend }):
                NoteStarted(backend);
                _holds.HasRoom = true;
                Run(backend);
                break;
            case (Phase.Starting, StartOutcome.Failed failed):
                NoteFailure(failed);
                Remove(backendId: null);
                break;
            default:
                // The start was given up: whatever it left goes.
                Remove(backendId: null);
                break;
        }

        SettleStart(succeeded);
    }

    private void NoteStarted(Backend backend)
    {
        var elapsed = Context.Time.GetElapsedTime(_startedAt);
        InstancesLog.Ready(_scope.Logger, _key.ToShortString(), backend.Address, elapsed.TotalMilliseconds);
        _scope.Metrics.Started(_key.Challenge, elapsed);
    }

    private void NoteFailure(StartOutcome.Failed failed)
    {
        if (failed.Failure == StartFailure.PortTaken)
        {
            _portTaken = true;
            InstancesLog.PortTaken(_scope.Logger, _port, _key.ToShortString());
            return;
        }

        _lastFailure = failed.Reason;
        _failedAt = Uptime;
        _failures.Add(Uptime);
        _scope.Metrics.StartFailed(_key.Challenge, failed.Failure);
        InstancesLog.StartFailed(_scope.Logger, _key.ToShortString(), failed.Reason);
    }

    private void Run(Backend backend)
    {
        Enter(Phase.Running);
        Context.CancelTimer(QueueTimer);
        _backend = backend;
        _port = backend.Port ?? _port;
        _lastFailure = null;
        _failures.Clear();
        Context.PipeToSelf(backend.Exited, exit => new InstanceMessage.BackendExited(backend.Id, exit));
        if (_holds.IsSpare)
        {
            // It has no client, and its life begins when it gets one.
            return;
        }

        ExpireAt(backend.CreatedAt + _scope.Challenge.Ttl);
        foreach (var request in _waiting.TakeAll())
        {
            Grant(request);
        }

        if (_leases.Count == 0)
        {
            BecomeIdle();
        }
    }

    /// <summary>Looks at the wall clock once: a later step of it neither cuts nor stretches a life.</summary>
    private void ExpireAt(DateTimeOffset expiresAt)
    {
        _expiresAt = expiresAt;
        _livesUntil = Uptime + (expiresAt - Now);
        StartTtl();
    }

    private void StartTtl()
        => Context.StartTimer(TtlTimer, new InstanceMessage.TimeIsUp(StopCause.Ttl), Wait(_livesUntil - Uptime));

    private void OnFound(FoundBackend found, bool adopt)
    {
        switch (_phase)
        {
            case Phase.Running when IsRunning(found.Backend.Id) && found.Backend.Exited is { IsCompletedSuccessfully: true, Result: var exit }:
                OnExited(exit.Reason);
                break;
            case Phase.Vacant when adopt:
                _adoptable = found;
                _holds.HasRoom = true;
                Claim();
                break;
            case Phase.Claiming or Phase.Releasing:
                _adoptable ??= found with { Usable = false };
                break;
            case Phase.Queued:
                _registry.Tell(new RegistryMessage.StartUnwanted(_key));
                RemoveFound(found);
                break;
            case Phase.Vacant or Phase.Failed:
                Context.CancelTimer(ForgetTimer);
                RemoveFound(found);
                break;
        }
    }

    private void Enter(Phase phase)
    {
        _phase = phase;
        _changed = true;
    }
}
