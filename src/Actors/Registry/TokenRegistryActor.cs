using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Registry;

/// <summary>
/// The node's map from instance keys to instances. It hands requests on, decides who may start when, and carries resets out; what happens
/// to one backend is its <see cref="InstanceActor"/>'s business. This file has the requests; resets, starts and culling, quotas, spares, reconciliation,
/// the cluster's and the operators' part have their own.
/// </summary>
internal sealed partial class TokenRegistryActor : Actor<RegistryMessage>
{
    private readonly RegistryScope _scope;
    private readonly RegistryLife _life;
    private readonly Dictionary<string, InstanceScope> _instanceScopes;
    private readonly InstanceTable _instances = new();

    public TokenRegistryActor(RegistryScope scope, RegistryLife life)
    {
        _scope = scope;
        _life = life;
        _rooms = new Rooms(scope.Options, scope.Runtimes, scope.Time);
        _queue = new StartQueue(scope.Options.StartQueue.Length);
        _spares = scope.Options.Challenges.ToDictionary(challenge => challenge.Name, challenge => new SparePool(challenge));
        _instanceScopes = scope.Options.Challenges.ToDictionary(
            challenge => challenge.Name,
            challenge => new InstanceScope(
                challenge,
                scope.Runtimes[challenge.Runtime],
                scope.Ownership,
                scope.Options.StartQueue.Timeout,
                scope.Metrics,
                scope.Logger) { Limits = scope.Limits });
    }

    /// <summary>For simulations to look into.</summary>
    internal InstanceTable Instances => _instances;

    /// <summary>For simulations to look into.</summary>
    internal Rooms Rooms => _rooms;

    /// <summary>Whether the registry waits for something before it serves.</summary>
    internal bool IsBusyStarting => _life.Unadopted.Count > 0 || IsRecovering;

    protected internal override void PreStart()
    {
        Context.StartPeriodicTimer("reconcile", new RegistryMessage.Reconcile(), ReconcileInterval);
        if (_life.HasStarted)
        {
            AskChildren();
        }
        else
        {
            _life.HasStarted = true;
            AdoptAll();
        }
    }

    protected internal override void Receive(RegistryMessage message)
    {
        if (IsRecovering)
        {
            ReceiveWhileRecovering(message);
            return;
        }

        switch (message)
        {
            case RegistryMessage.Acquire acquire:
                OnAcquire(acquire);
                break;
            case RegistryMessage.Changed changed:
                OnChanged(changed.Info);
                break;
            // It may ask twice, and another may have taken its place after the first time.
            case RegistryMessage.Retire retire when _instances.TryGet(retire.Key, out var entry) && ReferenceEquals(entry.Actor, retire.Instance):
                OnRetire(retire.Key);
                break;
            case RegistryMessage.Retire:
                break;
            case RegistryMessage.InstanceEnded ended:
                OnInstanceEnded(ended.Key, ended.Instance);
                break;
            default:
                if (!ReceiveResets(message) && !ReceiveTenure(message) && !ReceiveStarts(message) && !ReceiveSpares(message) && !ReceiveReconciliation(message))
                {
                    ReceiveOperators(message);
                }

                break;
        }
    }

    protected internal override void PreRestart(Exception cause) => DenyPending("the token registry failed");

    /// <summary>Denies those who wait here; those who wait for an instance are its own to answer.</summary>
    private void DenyPending(string reason)
    {
        foreach (var request in _resets.TakeAll().Concat(_awaitingAdoption))
        {
            request.Connection.Tell(new ConnectionMessage.LeaseDenied(reason));
        }

        _awaitingAdoption.Clear();
    }

    private void OnAcquire(RegistryMessage.Acquire request)
    {
        if (_shutdown is not null || (_life.HandsBack && !_instances.TryGet(request.Key, out _)))
        {
            request.Connection.Tell(new ConnectionMessage.LeaseElsewhere(null, "the node stops") { IsUntouched = true });
        }
        else if (!IsAdopted(request.Key))
        {
            AwaitAdoption(request);
        }
        else if (IsReset(request))
        {
            Reset(request);
        }
        else
        {
            HandOn(request);
        }
    }

    /// <summary>Whether there is, or may be, a backend of the key.</summary>
    private bool HasBackend(InstanceKey key) => _rooms.IsTaken(key) || (_instances.TryGet(key, out var entry) && entry.IsTaking);

    private void HandOn(RegistryMessage.Acquire request)
        => EntryOf(request.Key).Actor.Tell(new InstanceMessage.Acquire(request));

    private InstanceEntry EntryOf(InstanceKey key)
        => _instances.TryGet(key, out var known) ? known : Spawn(key, new InstanceHoldings());

    private InstanceEntry Spawn(InstanceKey key, InstanceHoldings holds)
    {
        var scope = _instanceScopes[key.Challenge];
        var registry = Self;
        var actor = Context.Spawn(() => new InstanceActor(scope, key, holds, registry), "instance");
        Context.Watch(actor, new RegistryMessage.InstanceEnded(key, actor));
        var entry = new InstanceEntry(actor, new InstanceInfo { Key = key, State = InstanceState.Queued });
        _instances.Add(key, entry);
        return entry;
    }

    private void OnChanged(InstanceInfo info)
    {
        if (!_instances.TryGet(info.Key, out var entry))
        {
            return;
        }

        _instances.Update(entry, info);
        if (_queue.Count > 0 && info.State is InstanceState.Ready or InstanceState.Idle or InstanceState.Warm)
        {
            // One more that could be culled for those who wait, or given to one of them.
            Pump();
        }

        CheckShutdown();
    }

    private void OnRetire(InstanceKey key)
    {
        if (!_instances.TryGet(key, out var entry))
        {
            return;
        }

        entry.Actor.Tell(new InstanceMessage.Retired());
        Forget(key);
        if (_rooms.IsTaken(key))
        {
            // A backend was found under the key when the instance had retired already.
            Spawn(key, new InstanceHoldings { IsRestart = true, HasRoom = true });
        }

        CheckShutdown();
    }

    /// <summary>An instance actor that ended without having retired had failed too often: what it had is found out and removed by another.</summary>
    private void OnInstanceEnded(InstanceKey key, ActorRef<InstanceMessage> instance)
    {
        if (_instances.TryGet(key, out var entry) && ReferenceEquals(entry.Actor, instance))
        {
            EndStart(entry);
            Forget(key);
            Spawn(key, HoldingsAfter(_rooms.IsTaken(key))).IsTaking = entry.IsTaking;
        }
    }

    private InstanceHoldings HoldingsAfter(bool hasRoom) => new() { IsRestart = true, HasRoom = hasRoom, HandsBack = _life.HandsBack, MayOwn = true };

    private void Forget(InstanceKey key)
    {
        _instances.Remove(key);
        _spares[key.Challenge].Remove(key);
        _queue.Remove(key);
        NoteRetired(key);
        AnswerStops(key);
    }
}
