using Instancer.Actors.Connections;
using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Instances;

/// <summary>
/// The life of one key's backend: start, readiness, leases, idle timer, stop. There is at most one call to the runtime under way; who
/// arrives meanwhile waits. This file has the leases; the start and the stop have their own.
/// </summary>
internal sealed partial class InstanceActor : Actor<InstanceMessage>
{
    private const string QueueTimer = "queue";
    private const string StartTimer = "start";
    private const string TtlTimer = "ttl";
    private const string IdleTimer = "idle";
    private const string StopTimer = "stop";
    private const string ForgetTimer = "forget";

    /// <summary>A timer cannot wait for longer than some weeks; one that is due later looks again.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(30);

    private readonly InstanceScope _scope;
    private readonly InstanceKey _key;
    private readonly InstanceHoldings _holds;
    private readonly ActorRef<RegistryMessage> _registry;

    private readonly WaitingList _waiting = new();
    private readonly HashSet<ActorRef<ConnectionMessage>> _leases = [];
    private readonly FailureHistory _failures = new();
    private Phase _phase;
    private bool _changed;
    private string? _client;
    private string? _lastFailure;
    private int? _port;
    private Backend? _backend;
    private DateTimeOffset _expiresAt;
    private DateTimeOffset? _idleSince;

    public InstanceActor(InstanceScope scope, InstanceKey key, InstanceHoldings holds, ActorRef<RegistryMessage> registry)
    {
        _scope = scope;
        _key = key;
        _holds = holds;
        _registry = registry;
    }

    private enum Phase
    {
        /// <summary>Nothing is there and nobody waits.</summary>
        Vacant,

        /// <summary>It is being asked who owns the key.</summary>
        Claiming,

        /// <summary>Waits for its turn and for room.</summary>
        Queued,

        /// <summary>The runtime starts the backend.</summary>
        Starting,

        /// <summary>The backend accepts connections.</summary>
        Running,

        /// <summary>The backend, or what a failed start left, is being removed.</summary>
        Stopping,

        /// <summary>Nothing is there; the failure is remembered.</summary>
        Failed,

        /// <summary>The key is being given up.</summary>
        Releasing,

        /// <summary>The registry has been asked to forget this actor.</summary>
        Retired,

        /// <summary>After a restart of this actor: it is being found out what is there.</summary>
        Recovering,
    }

    private DateTimeOffset Now => Context.Time.GetUtcNow();

    protected internal override void PreStart()
    {
        if (_holds.IsRestart)
        {
            Recover();
        }
    }

    protected internal override void Receive(InstanceMessage message)
    {
        switch (message)
        {
            case InstanceMessage.Acquire acquire:
                OnAcquire(acquire.Request);
                break;
            case InstanceMessage.Refuse refuse:
                OnRefuse(refuse.Request, refuse.Reason);
                break;
            case InstanceMessage.ConnectionEnded ended:
                OnConnectionEnded(ended.Connection);
                break;
            case InstanceMessage.Extend extend:
                OnExtend(extend);
                break;
            case InstanceMessage.Describe:
                OnDescribe();
                break;
            case InstanceMessage.Retired:
                Context.StopSelf();
                break;
            default:
                if (!ReceiveStart(message))
                {
                    ReceiveStop(message);
                }

                break;
        }

        if (_changed && _phase != Phase.Retired)
        {
            _changed = false;
            _registry.Tell(new RegistryMessage.Changed(Describe()));
        }
    }

    protected internal override void PreRestart(Exception cause)
    {
        _holds.IsRestart = true;
        DenyAll("the instance's actor failed");
        RevokeAll(nameof(StopCause.Operator));
    }

    private void OnAcquire(RegistryMessage.Acquire request)
    {
        if (_phase == Phase.Retired)
        {
            // Sent here before the registry had read that this actor retires: it starts a new one.
            _registry.Tell(request);
            return;
        }

        if (_phase == Phase.Failed && _failures.IsBackingOff(Now))
        {
            request.Connection.Tell(new ConnectionMessage.LeaseDenied($"backing off after failed starts: {_lastFailure}"));
            return;
        }

        _client = request.Client ?? _client;
        Context.Watch(request.Connection, new InstanceMessage.ConnectionEnded(request.Connection));
        if (_phase == Phase.Running)
        {
            Grant(request);
            return;
        }

        _waiting.Add(request, Now);
        _changed = true;
        switch (_phase)
        {
            case Phase.Vacant or Phase.Failed:
                Claim();
                break;
            case Phase.Stopping when !_holds.IsCallUnderWay:
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
            _reportFailure = false;
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
        request.Connection.Tell(new ConnectionMessage.LeaseGranted(_backend!.Address));
    }

    private void DenyAll(string reason)
    {
        foreach (var request in _waiting.TakeAll())
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

        _idleSince = Now;
        _changed = true;
        Context.StartTimer(IdleTimer, new InstanceMessage.TimeIsUp(StopCause.Idle), Min(_scope.Challenge.IdleTimeout, LongestTimer));
    }

    private void OnExtend(InstanceMessage.Extend extend)
    {
        if (_phase != Phase.Running)
        {
            extend.ReplyTo.Reply(null);
            return;
        }

        _expiresAt += extend.Duration;
        _changed = true;
        StartTtl();
        extend.ReplyTo.Reply(_expiresAt);
    }

    private void OnDescribe()
    {
        _registry.Tell(new RegistryMessage.Described(Describe(), Self, _holds.HasRoom, WantsStart: _phase == Phase.Queued));
        if (_phase == Phase.Retired)
        {
            _registry.Tell(new RegistryMessage.Retire(_key));
        }
    }

    private InstanceInfo Describe() => new()
    {
        Key = _key,
        Client = _client,
        State = _phase switch
        {
            Phase.Starting => InstanceState.Starting,
            Phase.Running => _leases.Count > 0 ? InstanceState.Ready : InstanceState.Idle,
            Phase.Stopping or Phase.Releasing or Phase.Retired or Phase.Recovering => InstanceState.Stopping,
            Phase.Failed => InstanceState.Failed,
            _ => InstanceState.Queued,
        },
        Sessions = _leases.Count,
        Waiting = _waiting.Count,
        CreatedAt = _backend?.CreatedAt,
        IdleSince = _idleSince,
        ExpiresAt = _backend is null ? null : _expiresAt,
        Address = _backend?.Address,
        BackendId = _backend?.Id,
        Port = _port,
        Memory = _scope.Challenge.Template.Memory,
        LastFailure = _lastFailure,
    };

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
