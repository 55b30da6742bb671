using Instancer.Actors.Connections;
using Instancer.Actors.Registry;

namespace Instancer.Actors.Instances;

/// <summary>Before a start: the key is claimed, and the start waits for its turn and for room.</summary>
internal sealed partial class InstanceActor
{
    private FoundBackend? _adoptable;

    private void Claim()
    {
        Context.CancelTimer(ForgetTimer);
        Enter(Phase.Claiming);
        if (_holds.IsOwner)
        {
            OnClaimed(KeyOwner.Here.Instance);
            return;
        }

        var claim = _scope.Ownership.ClaimAsync(_key, CancellationToken.None);
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
        _holds.IsOwner = owner is KeyOwner.Here;
        var adoptable = _adoptable;
        _adoptable = null;
        switch (owner)
        {
            case KeyOwner.Here when adoptable is { Usable: true }:
                InstancesLog.Adopted(_scope.Logger, _key.ToShortString(), adoptable.Backend.Address);
                Run(adoptable.Backend);
                break;
            case KeyOwner.Here when adoptable is not null:
                RemoveFound(adoptable);
                break;
            case KeyOwner.Here:
                QueueStart();
                break;
            case KeyOwner.Elsewhere elsewhere:
                InstancesLog.Elsewhere(_scope.Logger, _key.ToShortString(), elsewhere.Reason);
                Redirect(elsewhere);
                if (adoptable is null)
                {
                    Settle();
                }
                else
                {
                    RemoveFound(adoptable);
                }

                break;
        }
    }

    private void Redirect(KeyOwner.Elsewhere elsewhere)
    {
        if (elsewhere.Address is not { } address)
        {
            DenyAll(elsewhere.Reason);
            return;
        }

        foreach (var request in _waiting.TakeAll())
        {
            request.Connection.Tell(new ConnectionMessage.LeaseGranted(address));
        }
    }

    private void QueueStart()
    {
        if (_waiting.Count == 0)
        {
            Settle();
            return;
        }

        Enter(Phase.Queued);
        WatchQueue();
        _registry.Tell(new RegistryMessage.StartWanted(_key));
    }

    /// <summary>Keeps the timer of the client that has waited longest for the start to begin.</summary>
    private void WatchQueue()
    {
        if (_phase != Phase.Starting && _waiting.OldestSince is { } since)
        {
            Context.StartTimer(QueueTimer, new InstanceMessage.QueueDeadline(), Wait(since + _scope.QueueTimeout - Uptime));
        }
    }

    private void OnQueueDeadline()
    {
        foreach (var request in _waiting.TakeSince(Uptime - _scope.QueueTimeout))
        {
            _changed = true;
            request.Connection.Tell(new ConnectionMessage.LeaseDenied(
                _failedAt is not null ? $"waited too long for what a failed start left to be removed: {_lastFailure}" : "waited too long for room"));
        }

        WatchQueue();
        OnWaiterGone();
    }
}
