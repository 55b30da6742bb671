using Instancer.Actors.Connections;
using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Instances;

/// <summary>Who waits, who holds a lease, and for how long the instance lives without one.</summary>
internal sealed partial class InstanceActor
{
    private readonly WaitingList _waiting = new();
    private readonly HashSet<ActorRef<ConnectionMessage>> _leases = [];
    private DateTimeOffset? _idleSince;
    private TimeSpan _idleUntil;

    private void OnAcquire(RegistryMessage.Acquire request)
    {
        if (_phase == Phase.Retired)
        {
            // Sent here before the registry had read that this actor retires: it starts a new one.
            _registry.Tell(request);
            return;
        }

        if (_holds.HandsBack && !IsOwner)
        {
            request.Connection.Tell(new ConnectionMessage.LeaseElsewhere(null, "the node leaves the cluster"));
            return;
        }

        if (_phase == Phase.Failed && _failures.IsBackingOff(Uptime))
        {
            request.Connection.Tell(new ConnectionMessage.LeaseDenied($"backing off after failed starts: {_lastFailure}"));
            return;
        }

        if (_leases.Count + _waiting.Count >= _scope.Limits.Of(_key.Challenge).SessionsPerInstance)
        {
            _scope.Metrics.QuotaDenied(_key.Challenge, Quota.SessionsPerInstance);
            request.Connection.Tell(new ConnectionMessage.LeaseDenied("its instance has as many sessions as it may have"));
            return;
        }

        _client = request.Client ?? _client;
        Context.Watch(request.Connection, new InstanceMessage.ConnectionEnded(request.Connection));
        if (_phase == Phase.Running)
        {
            Grant(request);
            return;
        }

        request.Connection.Tell(ConnectionMessage.LeasePending.Instance);
        _waiting.Add(request, Uptime);
        _changed = true;
        switch (_phase)
        {
            case Phase.Vacant or Phase.Failed:
                Claim();
                break;
            case Phase.Queued:
                _registry.Tell(new RegistryMessage.PositionWanted(_key));
                break;
            case Phase.Stopping when _holds.Call is null:
                Remove(_removing);
                break;
        }

        WatchQueue();
    }

    private void OnRefuse(RegistryMessage.Acquire request, string reason)
    {
        request.Connection.Tell(new ConnectionMessage.LeaseDenied(reason));
        if (_phase is Phase.Vacant or Phase.Failed)
        {
            _client = request.Client ?? _client;
            NoteFailure(new StartOutcome.Failed(StartFailure.Unavailable, reason));
            _failedAt = null;
            Settle();
        }
    }

    private void OnConnectionEnded(ActorRef<ConnectionMessage> connection)
    {
        if (_waiting.Remove(connection))
        {
            _changed = true;
            OnWaiterGone();
        }
        else if (_leases.Remove(connection))
        {
            _changed = true;
            if (_leases.Count == 0 && _phase == Phase.Running)
            {
                BecomeIdle();
            }
        }
    }

    private void OnWaiterGone()
    {
        if (_waiting.Count > 0)
        {
            return;
        }

        if (_phase == Phase.Queued)
        {
            _registry.Tell(new RegistryMessage.StartUnwanted(_key));
            Settle();
        }
        else if (_phase == Phase.Starting && _scope.Challenge.Scope == ChallengeScope.Connection)
        {
            GiveStartUp();
        }
    }

    private void Grant(RegistryMessage.Acquire request)
    {
        _leases.Add(request.Connection);
        _idleSince = null;
        _changed = true;
        Context.CancelTimer(IdleTimer);
        request.Connection.Tell(new ConnectionMessage.LeaseGranted(_backend!.Address, _holds.Tenure!));
    }

    private void DenyAll(string reason) => Deny(_waiting.TakeAll(), reason);

    private void Deny(IEnumerable<RegistryMessage.Acquire> requests, string reason)
    {
        foreach (var request in requests)
        {
            _changed = true;
            request.Connection.Tell(new ConnectionMessage.LeaseDenied(reason));
        }
    }

    private void RevokeAll(string reason)
    {
        foreach (var connection in _leases)
        {
            connection.Tell(new ConnectionMessage.LeaseRevoked(reason));
        }

        _leases.Clear();
    }

    private void BecomeIdle()
    {
        if (_scope.Challenge.Scope == ChallengeScope.Connection)
        {
            StopBackend(StopCause.Idle);
            return;
        }

        if (_holds.HandsBack)
        {
            HandBack();
            return;
        }

        _idleSince = Now;
        _idleUntil = Uptime + _scope.Challenge.IdleTimeout;
        _changed = true;
        StartIdleTimer();
    }

    private void OnExtend(InstanceMessage.Extend extend)
    {
        if (_phase != Phase.Running || _holds.IsSpare)
        {
            extend.ReplyTo.Reply(null);
            return;
        }

        var most = DateTimeOffset.MaxValue - _expiresAt;
        var duration = Min(extend.Duration, most);
        _expiresAt += duration;
        _livesUntil += duration;
        _changed = true;
        StartTtl();
        extend.ReplyTo.Reply(_expiresAt);
    }

    private void StartIdleTimer()
        => Context.StartTimer(IdleTimer, new InstanceMessage.TimeIsUp(StopCause.Idle), Wait(_idleUntil - Uptime));
}
