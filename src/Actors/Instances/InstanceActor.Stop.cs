using Instancer.Actors.Connections;
using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;

namespace Instancer.Actors.Instances;

/// <summary>From a backend to nothing: stop, remove until it is confirmed, give the room and the key back.</summary>
internal sealed partial class InstanceActor
{
    private static readonly TimeSpan FirstStopRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestStopRetry = TimeSpan.FromSeconds(30);

    private string? _removing;
    private TimeSpan _stopRetry = FirstStopRetry;
    private bool _portTaken;
    private bool _reportFailure;
    private bool _removeFound;

    private void ReceiveStop(InstanceMessage message)
    {
        switch (message)
        {
            case InstanceMessage.Stop stop:
                OnStop(stop);
                break;
            case InstanceMessage.TimeIsUp time when _phase == Phase.Running:
                OnTimeIsUp(time.Cause);
                break;
            case InstanceMessage.BackendExited exited when IsRunning(exited.BackendId):
                OnExited(exited.Exit.Reason);
                break;
            case InstanceMessage.Missing missing when IsRunning(missing.BackendId):
                OnExited("is gone from the runtime");
                break;
            case InstanceMessage.StopEnded ended:
                OnStopEnded(ended.Outcome);
                break;
            case InstanceMessage.StopAgain when _phase == Phase.Stopping && !_holds.IsCallUnderWay:
                Remove(_removing);
                break;
            case InstanceMessage.Released:
                OnReleased();
                break;
            case InstanceMessage.Forget when _phase == Phase.Failed:
                Release();
                break;
            case InstanceMessage.Recovered recovered:
                OnRecovered(recovered.Outcome);
                break;
            case InstanceMessage.RecoverAgain:
                Recover();
                break;
        }
    }

    private bool IsRunning(string backendId) => _phase == Phase.Running && _backend!.Id == backendId;

    private void OnStop(InstanceMessage.Stop stop)
    {
        var isFinal = stop.Cause is StopCause.Operator or StopCause.Shutdown;
        if (isFinal)
        {
            DenyAll($"stopped: {stop.Cause}");
        }

        switch (_phase)
        {
            case Phase.Running when stop.OnlyIfIdle && _leases.Count > 0:
                // A client came while the reaper chose: it is spared, and the registry told that it is still here.
                _changed = true;
                break;
            case Phase.Running when stop.Cause == StopCause.Shutdown && _scope.Runtime.SurvivesRestart:
                break;
            case Phase.Running:
                StopBackend(stop.Cause);
                break;
            case Phase.Starting:
                GiveStartUp();
                break;
            case Phase.Queued when isFinal:
                _registry.Tell(new RegistryMessage.StartUnwanted(_key));
                Settle();
                break;
            case Phase.Failed when isFinal:
                Release();
                break;
            case Phase.Claiming when _adoptable is not null:
                _adoptable = _adoptable with { Usable = false };
                break;
            case Phase.Recovering when !stop.OnlyIfIdle:
                _removeFound = true;
                break;
        }
    }

    private void OnTimeIsUp(StopCause cause)
    {
        if (cause == StopCause.Ttl && Now < _expiresAt)
        {
            StartTtl();
        }
        else if (cause == StopCause.Idle && _idleSince is { } since && Now - since < _scope.Challenge.IdleTimeout)
        {
            Context.StartTimer(
                IdleTimer, new InstanceMessage.TimeIsUp(cause), Min(since + _scope.Challenge.IdleTimeout - Now, LongestTimer));
        }
        else
        {
            StopBackend(cause);
        }
    }

    private void OnExited(string reason)
    {
        InstancesLog.Exited(_scope.Logger, _key.ToShortString(), reason);
        _scope.Metrics.Stopped(_key.Challenge, StopCause.Exited);
        foreach (var connection in _leases)
        {
            connection.Tell(new ConnectionMessage.BackendExited(reason));
        }

        _leases.Clear();
        EndRun();
    }

    private void StopBackend(StopCause cause)
    {
        InstancesLog.Stopping(_scope.Logger, _key.ToShortString(), cause, _leases.Count);
        _scope.Metrics.Stopped(_key.Challenge, cause);
        RevokeAll(cause.ToString());
        EndRun();
    }

    private void EndRun()
    {
        Context.CancelTimer(TtlTimer);
        Context.CancelTimer(IdleTimer);
        _idleSince = null;
        Remove(_backend!.Id);
    }

    /// <summary>Cancels the start; what it leaves is removed when its end is known.</summary>
    private void GiveStartUp()
    {
        Enter(Phase.Stopping);
        WatchQueue();
        _holds.Start?.Cancel();
    }

    private void Remove(string? backendId)
    {
        Enter(Phase.Stopping);
        Context.CancelTimer(StopTimer);
        WatchQueue();
        _removing = backendId;
        _holds.IsCallUnderWay = true;
        Context.PipeToSelf(
            _scope.Runtime.StopAsync(_key, backendId, CancellationToken.None),
            outcome => new InstanceMessage.StopEnded(outcome),
            fault =>
            {
                InstancesLog.RuntimeFault(_scope.Logger, fault, _key.ToShortString());
                return new InstanceMessage.StopEnded(new StopOutcome.Failed(fault.Message));
            });
    }

    private void RemoveOrSettle(string? backendId)
    {
        if (backendId is null)
        {
            Settle();
        }
        else
        {
            Remove(backendId);
        }
    }

    private void OnStopEnded(StopOutcome outcome)
    {
        _holds.IsCallUnderWay = false;
        if (_phase == Phase.Recovering)
        {
            Recover();
        }
        else if (outcome is StopOutcome.Failed failed)
        {
            InstancesLog.StopFailed(_scope.Logger, _key.ToShortString(), failed.Reason);
            _lastFailure = _reportFailure ? _lastFailure : failed.Reason;
            _changed = true;
            DenyAll(_lastFailure!);
            Context.StartTimer(StopTimer, new InstanceMessage.StopAgain(), _stopRetry);
            _stopRetry = Min(_stopRetry * 2, LongestStopRetry);
        }
        else
        {
            OnGone();
        }
    }

    private void OnGone()
    {
        _stopRetry = FirstStopRetry;
        _backend = null;
        ReturnRoom();
        if (_reportFailure)
        {
            _reportFailure = false;
            DenyAll(_lastFailure!);
        }

        Settle();
    }

    private void ReturnRoom()
    {
        _registry.Tell(new RegistryMessage.RoomReturned(_key, _portTaken));
        _holds.HasRoom = false;
        _portTaken = false;
        _port = null;
    }

    /// <summary>Nothing is there: what comes next?</summary>
    private void Settle()
    {
        if (_waiting.Count > 0)
        {
            Claim();
        }
        else if (_failures.ForgetAt > Now && _lastFailure is not null)
        {
            Enter(Phase.Failed);
            Context.CancelTimer(QueueTimer);
            Context.StartTimer(ForgetTimer, new InstanceMessage.Forget(), _failures.ForgetAt - Now);
        }
        else
        {
            Release();
        }
    }

    private void Release()
    {
        Enter(Phase.Releasing);
        var release = _holds.IsOwner ? _scope.Ownership.ReleaseAsync(_key, CancellationToken.None) : ValueTask.CompletedTask;
        _holds.IsOwner = false;
        if (release.IsCompletedSuccessfully)
        {
            OnReleased();
        }
        else
        {
            Context.PipeToSelf(release.AsTask(), new InstanceMessage.Released());
        }
    }

    private void OnReleased()
    {
        if (_waiting.Count > 0)
        {
            Claim();
            return;
        }

        _phase = Phase.Retired;
        _registry.Tell(new RegistryMessage.Retire(_key));
    }

    /// <summary>After a failure of this actor it is not trusted what it knew: the runtime says what is there.</summary>
    private void Recover()
    {
        Enter(Phase.Recovering);
        if (_holds.IsCallUnderWay)
        {
            _holds.Start?.Cancel();
            return;
        }

        _registry.Tell(new RegistryMessage.StartSettled(_key));
        _holds.IsCallUnderWay = true;
        Context.PipeToSelf(
            _scope.Runtime.ListAsync(CancellationToken.None),
            outcome => new InstanceMessage.Recovered(outcome),
            fault => new InstanceMessage.Recovered(new ListOutcome.Unavailable(fault.Message)));
    }

    private void OnRecovered(ListOutcome outcome)
    {
        _holds.IsCallUnderWay = false;
        if (outcome is not ListOutcome.Listed listed)
        {
            Context.StartTimer(StopTimer, new InstanceMessage.RecoverAgain(), FirstStopRetry);
            return;
        }

        var found = listed.Backends.FirstOrDefault(backend => backend.Key == _key);
        if (found is null)
        {
            OnGone();
        }
        else if (found.Usable && !_removeFound && _holds.HasRoom && found.SpecHash == _scope.Challenge.Template.SpecHash)
        {
            _holds.IsOwner = true;
            Run(found.Backend);
        }
        else
        {
            Remove(found.Backend.Id);
        }
    }
}
