using Instancer.Actors.Connections;
using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;

namespace Instancer.Actors.Instances;

/// <summary>Whose the key is: it is claimed before anything is started, and given up once there is nothing to serve. What was claimed may be lost meanwhile.</summary>
internal sealed partial class InstanceActor
{
    private const string LostPlace = "this node has lost its place in the cluster";

    /// <summary>How long a found backend waits, reached by nobody, before it is asked again whose its key is.</summary>
    private static readonly TimeSpan ClaimRetry = TimeSpan.FromSeconds(1);

    private FoundBackend? _adoptable;
    private bool _claimAwaited;

    private bool IsOwner => _holds.Tenure is { Holds: true };

    private void Claim()
    {
        Context.CancelTimer(ForgetTimer);
        Enter(Phase.Claiming);
        _claimAwaited = true;
        if (IsOwner)
        {
            OnClaimed(new KeyOwner.Here(_holds.Tenure!));
            return;
        }

        var claim = _adoptable is { } found
            ? _scope.Ownership.ReclaimAsync(_key, found.Backend.Id, CancellationToken.None)
            : _scope.Ownership.ClaimAsync(_key, _waiting.StaysHere, CancellationToken.None);
        if (claim.IsCompletedSuccessfully)
        {
            OnClaimed(claim.Result);
        }
        else
        {
            Context.PipeToSelf(
                claim.AsTask(),
                owner => new InstanceMessage.Claimed(owner),
                fault => new InstanceMessage.Claimed(new KeyOwner.Elsewhere(null, fault.Message)));
        }
    }

    private void OnClaimed(KeyOwner owner)
    {
        _claimAwaited = false;
        _holds.Tenure = (owner as KeyOwner.Here)?.Tenure;
        var adoptable = _adoptable;
        _adoptable = null;
        switch (owner)
        {
            case KeyOwner.Here { Tenure.Holds: false }:
                Pass(new KeyOwner.Elsewhere(null, LostPlace), adoptable);
                break;
            case KeyOwner.Here when adoptable is { Usable: true }:
                InstancesLog.Adopted(_scope.Logger, _key.ToShortString(), adoptable.Backend.Address);
                Run(adoptable.Backend);
                break;
            case KeyOwner.Superseded superseded when adoptable is not null:
                InstancesLog.Superseded(_scope.Logger, _key.ToShortString(), superseded.Reason);
                RemoveFound(adoptable);
                break;
            case KeyOwner.Superseded:
                Settle();
                break;
            case KeyOwner.Here when adoptable is not null:
                RemoveFound(adoptable);
                break;
            case KeyOwner.Here:
                QueueStart();
                break;
            case KeyOwner.Elsewhere elsewhere:
                Pass(elsewhere, adoptable);
                break;
        }
    }

    /// <summary>The key is another's: so are its clients, and what is here under it has to go.</summary>
    private void Pass(KeyOwner.Elsewhere elsewhere, FoundBackend? found)
    {
        InstancesLog.Elsewhere(_scope.Logger, _key.ToShortString(), elsewhere.Reason);
        SendAway(elsewhere.Node, elsewhere.Reason);
        if (found is null)
        {
            Settle();
        }
        else if (elsewhere.Node is null && found.Usable)
        {
            // It may be this node's yet: a node that comes back finds its own earlier place in its way for a while.
            _adoptable = found;
            Context.StartTimer(ClaimTimer, new InstanceMessage.ClaimAgain(), ClaimRetry);
        }
        else
        {
            RemoveFound(found);
        }
    }

    private void OnClaimAgain()
    {
        if (_phase == Phase.Claiming && !_claimAwaited)
        {
            Claim();
        }
    }

    /// <summary>The node stops before it is known whose a found backend is: that is for its next life to find out.</summary>
    private void LeaveFound()
    {
        _adoptable = null;
        if (!_claimAwaited)
        {
            Context.CancelTimer(ClaimTimer);
            ReturnRoomButPort();
            Settle();
        }
    }

    private void SendAway(NodeAddress? node, string reason)
    {
        foreach (var request in _waiting.TakeAll())
        {
            _changed = true;
            request.Connection.Tell(new ConnectionMessage.LeaseElsewhere(node, reason));
        }
    }

    /// <summary>Told when the node has lost its place, and every so often: what depended on it ends, in order, and by itself.</summary>
    private void OnCheckTenure()
    {
        if (_holds.Tenure is null or { Holds: true })
        {
            return;
        }

        switch (_phase)
        {
            case Phase.Queued:
                SendAway(null, LostPlace);
                _registry.Tell(new RegistryMessage.StartUnwanted(_key));
                Settle();
                break;
            case Phase.Starting:
                SendAway(null, LostPlace);
                GiveStartUp();
                break;
            case Phase.Running:
                StopBackend(StopCause.Fenced);
                break;
            case Phase.Failed:
                Release();
                break;
        }
    }

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
        var left = _backend!.Id;
        _backend = null;
        ReturnRoomButPort();
        Release(_scope.Ownership.LeaveAsync(_key, left, CancellationToken.None));
    }

    private void Release() => Release(_holds.Tenure is null ? ValueTask.CompletedTask : _scope.Ownership.ReleaseAsync(_key, CancellationToken.None));

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
            Context.PipeToSelf(release.AsTask(), new InstanceMessage.Released());
        }
    }

    private void OnReleased()
    {
        if (_waiting.Count > 0 || _adoptable is not null)
        {
            Claim();
            return;
        }

        _phase = Phase.Retired;
        _registry.Tell(new RegistryMessage.Retire(_key));
    }
}
