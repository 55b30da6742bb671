using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Instances;

/// <summary>
/// The life of one key's backend: start, readiness, leases, idle timer, stop. There is at most one call to the runtime under way; who
/// arrives meanwhile waits. The leases, the start, the stop, the recovery and what is special about spares have files of
/// their own.
/// </summary>
internal sealed partial class InstanceActor : Actor<InstanceMessage>
{
    private const string QueueTimer = "queue";
    private const string TtlTimer = "ttl";
    private const string ClaimTimer = "claim";
    private const string IdleTimer = "idle";
    private const string StopTimer = "stop";
    private const string ForgetTimer = "forget";
    private const string HandOverTimer = "hand-over";

    /// <summary>How long the runtime may take to remove a backend, or to say what it has.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromMinutes(1);

    /// <summary>A timer cannot wait for longer than some weeks; one that is due later looks again.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(30);

    private readonly InstanceScope _scope;
    private readonly InstanceKey _key;
    private readonly InstanceHoldings _holds;
    private readonly ActorRef<RegistryMessage> _registry;

    private readonly FailureHistory _failures = new();
    private Phase _phase;
    private bool _changed;
    private string? _client;
    private string? _lastFailure;
    private int? _port;
    private Backend? _backend;
    private DateTimeOffset _expiresAt;
    private TimeSpan _livesUntil;

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

        /// <summary>A spare whose backend is being given to another instance: it is that one's, or nobody's.</summary>
        HandedOver,

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

    private TimeSpan Uptime => Context.Time.Uptime();

    protected internal override void PreStart()
    {
        if (_holds.HandedOver is { } backend)
        {
            AwaitTaker(backend);
        }
        else if (_holds.IsRestart)
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
                if (!ReceiveStart(message) && !ReceiveSpare(message))
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

    /// <summary>
    /// Calls the runtime, and has the outcome come back; past its time the call is given up. An exception, which is a bug there, becomes an
    /// outcome like any other.
    /// </summary>
    private void Call<TOutcome>(
        Func<CancellationToken, Task<TOutcome>> call,
        TimeSpan limit,
        Func<TOutcome, InstanceMessage> toMessage,
        Func<string, TOutcome> ofFault)
    {
        var giveUp = new CancellationTokenSource(limit, Context.Time);
        var outcome = call(giveUp.Token);
        _holds.Call = giveUp;
        Context.PipeToSelf(outcome, toMessage, fault =>
        {
            InstancesLog.RuntimeFault(_scope.Logger, fault, _key.ToShortString());
            return toMessage(ofFault(fault.Message));
        });
    }

    private void EndCall()
    {
        _holds.Call?.Dispose();
        _holds.Call = null;
    }

    private void OnDescribe()
    {
        _registry.Tell(new RegistryMessage.Described(Describe(), Self, _holds.HasRoom, WantsStart: _phase == Phase.Queued) { Spare = SpareInUse });
        if (_phase == Phase.Retired)
        {
            _registry.Tell(new RegistryMessage.Retire(_key, Self));
        }
    }

    private InstanceInfo Describe()
    {
        // Until it is written down whose it is, its spare answers for the backend, and what is here is a start.
        var backend = IsTaking ? null : _backend;
        return new InstanceInfo
        {
            Key = _key,
            Client = _client,
            State = Show(),
            IsSpare = _holds.IsSpare,
            Sessions = _leases.Count,
            Waiting = _waiting.Count,
            CreatedAt = backend?.CreatedAt,
            IdleSince = _idleSince,
            ExpiresAt = backend is null || _holds.IsSpare ? null : _expiresAt,
            Address = backend?.Address,
            BackendId = backend?.Id,
            Port = _port,
            Memory = _scope.Challenge.Template.TotalMemory,
            LastFailure = _lastFailure,
        };
    }

    private InstanceState Show() => _phase switch
    {
        Phase.Starting => InstanceState.Starting,
        Phase.Running when IsTaking => InstanceState.Starting,
        Phase.Running when _holds.IsSpare => InstanceState.Warm,
        Phase.HandedOver => InstanceState.Claimed,
        Phase.Running => _leases.Count > 0 ? InstanceState.Ready : InstanceState.Idle,
        Phase.Stopping or Phase.Releasing or Phase.Retired or Phase.Recovering => InstanceState.Stopping,
        Phase.Failed => InstanceState.Failed,
        _ => InstanceState.Queued,
    };

    /// <summary>A wait that a timer takes: not negative, and not longer than timers can.</summary>
    private static TimeSpan Wait(TimeSpan wait) => wait < TimeSpan.Zero ? TimeSpan.Zero : Min(wait, LongestTimer);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
