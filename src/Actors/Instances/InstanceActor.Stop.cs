using Instancer.Actors.Connections;
using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;

namespace Instancer.Actors.Instances;

/// <summary>Why a backend, or a start, ends.</summary>
internal sealed partial class InstanceActor
{
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
            case InstanceMessage.StopAgain when _phase == Phase.Stopping && _holds.Call is null:
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
            case Phase.Running when stop.Cause == StopCause.Shutdown && _scope.Runtime.SurvivesRestart && !_holds.IsSpare:
                break;
            case Phase.Running:
                StopBackend(stop.Cause);
                break;
            case Phase.Starting:
                GiveStartUp();
                break;
            case Phase.HandedOver:
                // Its taker is stopped in its own right; the registry, which may have counted on this one, is told that it is still here.
                _changed = true;
                break;
            case Phase.Queued when isFinal:
                _registry.Tell(new RegistryMessage.StartUnwanted(_key));
                Settle();
                break;
            case Phase.Failed when isFinal:
                Release();
                break;
            case Phase.Claiming when _adoptable is not null && stop.Cause == StopCause.Shutdown && _scope.Runtime.SurvivesRestart:
                LeaveFound();
                break;
            case Phase.Claiming when _adoptable is not null:
                _adoptable = _adoptable with { Usable = false };
                OnClaimAgain();
                break;
            case Phase.Releasing when _holds.Leaving is not null && stop.Cause != StopCause.Shutdown:
                _holds.RemovesLeft = true;
                break;
            case Phase.Recovering when !stop.OnlyIfIdle:
                _removeFound = true;
                break;
        }
    }

    private void OnTimeIsUp(StopCause cause)
    {
        if (cause == StopCause.Ttl && Uptime < _livesUntil)
        {
            StartTtl();
        }
        else if (cause == StopCause.Idle && Uptime < _idleUntil)
        {
            StartIdleTimer();
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
        if (_holds.IsSpare)
        {
            _registry.Tell(new RegistryMessage.SpareFailed(_key));
        }

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
        if (IsTaking)
        {
            GiveStartUp();
        }
        else
        {
            Remove(_backend!.Id);
        }
    }

    /// <summary>Cancels the start, or the taking of a spare; what it leaves is removed when its end is known.</summary>
    private void GiveStartUp()
    {
        Enter(Phase.Stopping);
        WatchQueue();
        _holds.Call?.Cancel();
    }
}
