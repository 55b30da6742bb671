using Instancer.Actors.Registry;

namespace Instancer.Actors.Instances;

/// <summary>From a backend to nothing: remove until it is confirmed, give room and key back, and see what comes next.</summary>
internal sealed partial class InstanceActor
{
    private static readonly TimeSpan FirstStopRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestStopRetry = TimeSpan.FromSeconds(30);

    private string? _removing;
    private TimeSpan _stopRetry = FirstStopRetry;
    private bool _portTaken;
    private TimeSpan? _failedAt;

    private void Remove(string? backendId)
    {
        Enter(Phase.Stopping);
        Context.CancelTimer(StopTimer);
        WatchQueue();
        _removing = backendId;
        Call(
            giveUp => _scope.Runtime.StopAsync(_key, backendId, giveUp),
            CallTimeout,
            outcome => new InstanceMessage.StopEnded(outcome),
            fault => new StopOutcome.Failed(fault));
    }

    /// <summary>Removes a backend that was not started by this actor; the registry has noted the room that it takes.</summary>
    private void RemoveFound(FoundBackend found)
    {
        _holds.HasRoom = true;
        _port ??= found.Backend.Port;
        Remove(found.Backend.Id);
    }

    private void OnStopEnded(StopOutcome outcome)
    {
        EndCall();
        if (_phase == Phase.Recovering)
        {
            Recover();
        }
        else if (outcome is StopOutcome.Failed failed)
        {
            InstancesLog.StopFailed(_scope.Logger, _key.ToShortString(), failed.Reason);
            _lastFailure = _failedAt is null ? failed.Reason : _lastFailure;
            _changed = true;
            DenyAll(_lastFailure!);

            _failedAt = null;
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
        if (_failedAt is { } failedAt)
        {
            _failedAt = null;
            Deny(_failures.IsBackingOff(Uptime) ? _waiting.TakeAll() : _waiting.TakeSince(failedAt), _lastFailure!);
        }

        // Who came while the remains of a failed start were removed has not waited for that start: there is another.
        Settle();
    }

    private void ReturnRoom()
    {
        _registry.Tell(new RegistryMessage.RoomReturned(_key, _portTaken));
        _holds.HasRoom = false;
        _portTaken = false;
        _port = null;
    }

    /// <summary>What is left where it is keeps its port: whoever starts here meanwhile gets another.</summary>
    private void ReturnRoomButPort()
    {
        _portTaken = _port is not null;
        ReturnRoom();
    }

    /// <summary>Nothing is there: what comes next?</summary>
    private void Settle()
    {
        if (_waiting.Count > 0)
        {
            Claim();
        }
        else if (_failures.ForgetAt > Uptime && _lastFailure is not null && !_holds.IsSpare)
        {
            Enter(Phase.Failed);
            Context.CancelTimer(QueueTimer);
            Context.StartTimer(ForgetTimer, new InstanceMessage.Forget(), _failures.ForgetAt - Uptime);
        }
        else
        {
            Release();
        }
    }
}
