using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;

namespace Instancer.Actors.Instances;

/// <summary>The key is given up: with nothing left under it, or with a backend that stays for the node's next life.</summary>
internal sealed partial class InstanceActor
{
    /// <summary>
    /// Gives the key up, if nobody is served. A backend that outlives the process stays where it is: the node's next life serves it again, if nobody has had the key by then.
    /// </summary>
    private void HandBack()
    {
        if (_phase != Phase.Running || _leases.Count > 0 || IsTaking || _holds.IsSpare)
        {
            return;
        }

        if (!_scope.Runtime.SurvivesRestart)
        {
            StopBackend(StopCause.Shutdown);
            return;
        }

        InstancesLog.HandedBack(_scope.Logger, _key.ToShortString());
        Context.CancelTimer(TtlTimer);
        Context.CancelTimer(IdleTimer);
        _idleSince = null;
        _holds.Leaving = _backend!.Id;
        _backend = null;
        Release(_scope.Ownership.LeaveAsync(_key, _holds.Leaving, CancellationToken.None));
    }

    private void Release() => Release(_holds.Tenure is null && !_holds.MayOwn ? ValueTask.CompletedTask : _scope.Ownership.ReleaseAsync(_key, CancellationToken.None));

    private void Release(ValueTask release)
    {
        Enter(Phase.Releasing);
        _holds.Tenure = null;
        if (release.IsCompletedSuccessfully)
        {
            OnReleased();
        }
        else
        {
            _holds.AsksForKey = true;
            Context.PipeToSelf(release.AsTask(), new InstanceMessage.Released());
        }
    }

    private void OnReleased()
    {
        _holds.AsksForKey = false;
        if (_phase == Phase.Recovering)
        {
            Recover();
            return;
        }

        if (_holds.Leaving is { } left && _holds.RemovesLeft)
        {
            (_holds.Leaving, _holds.RemovesLeft) = (null, false);
            Remove(left);
            return;
        }

        if (_holds.Leaving is not null)
        {
            // What stays has the port.
            _holds.Leaving = null;
            _portTaken = _port is not null;
            ReturnRoom();
        }

        if (_waiting.Count > 0 || _adoptable is not null)
        {
            Claim();
            return;
        }

        _phase = Phase.Retired;
        _registry.Tell(new RegistryMessage.Retire(_key, Self));
    }

    /// <summary>The node stops before it is known whose a found backend is: that is for its next life to find out.</summary>
    private void LeaveFound()
    {
        _holds.HandsBack = true;
        if (!_claimAwaited)
        {
            _adoptable = null;
            Context.CancelTimer(ClaimTimer);
            LeaveFoundHere();
        }
    }

    private void LeaveFoundHere()
    {
        _portTaken = _port is not null;
        ReturnRoom();
        Settle();
    }
}
