using Instancer.Actors.Instances;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Registry;

/// <summary>
/// What is, compared with what should be: at the start (adoption), every so often, and after a restart of this actor. It relies on no
/// event having been seen.
/// </summary>
internal sealed partial class TokenRegistryActor
{
    private static readonly TimeSpan ReconcileInterval = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, Listing> _listings = [];
    private readonly List<RegistryMessage.Acquire> _awaitingAdoption = [];
    private readonly HashSet<ActorRef<InstanceMessage>> _undescribed = [];

    /// <summary>After a restart: the instances have not all said yet what they are.</summary>
    private bool IsRecovering => _undescribed.Count > 0;

    private bool ReceiveReconciliation(RegistryMessage message)
    {
        switch (message)
        {
            case RegistryMessage.Reconcile:
                ListAll();
                return true;
            case RegistryMessage.Listed listed:
                OnListed(listed.Listing, listed.Outcome);
                return true;
            default:
                return false;
        }
    }

    private void AdoptAll()
    {
        _life.Unadopted.UnionWith(_scope.Runtimes.Keys);
        ListAll();
    }

    private void ListAll()
    {
        foreach (var runtime in _scope.Runtimes.Values)
        {
            List(runtime);
        }
    }

    private void List(IInstanceRuntime runtime)
    {
        if (_listings.ContainsKey(runtime.Name))
        {
            return;
        }

        var expected = _instances.Entries
            .Where(entry => RuntimeOf(entry.Info.Key) == runtime && entry.Info.BackendId is not null)
            .ToDictionary(entry => entry.Info.Key, entry => entry.Info.BackendId!);
        var listing = new Listing(runtime, expected);
        _listings.Add(runtime.Name, listing);
        Context.PipeToSelf(
            runtime.ListAsync(CancellationToken.None),
            outcome => new RegistryMessage.Listed(listing, outcome),
            fault => new RegistryMessage.Listed(listing, new ListOutcome.Unavailable(fault.Message)));
    }

    private bool IsAdopted(InstanceKey key) => !_life.Unadopted.Contains(RuntimeOf(key).Name);

    /// <summary>Until it is known what was there before, nothing can be said to be gone: the request waits for the runtime's answer.</summary>
    private void AwaitAdoption(RegistryMessage.Acquire request)
    {
        _awaitingAdoption.Add(request);
        List(RuntimeOf(request.Key));
    }

    private void OnListed(Listing listing, ListOutcome outcome)
    {
        if (!_listings.TryGetValue(listing.Runtime.Name, out var current) || current != listing)
        {
            // Asked for by an incarnation that has failed since; what went meanwhile is not known.
            return;
        }

        _listings.Remove(listing.Runtime.Name);
        var waiting = _awaitingAdoption.FindAll(request => RuntimeOf(request.Key) == listing.Runtime);
        _awaitingAdoption.RemoveAll(waiting.Contains);
        switch (outcome)
        {
            case ListOutcome.Listed listed:
                _life.Unadopted.Remove(listing.Runtime.Name);
                Reconcile(listing, listed.Backends);
                waiting.ForEach(OnAcquire);
                break;
            case ListOutcome.Unavailable unavailable:
                RegistryLog.Unavailable(_scope.Logger, listing.Runtime.Name, unavailable.Reason);
                waiting.ForEach(request => Refuse(request, unavailable.Reason));
                break;
        }

        if (_listings.Count == 0)
        {
            _scope.Status.NoteAdopted();
        }
    }

    private void Refuse(RegistryMessage.Acquire request, string reason)
        => EntryOf(request.Key).Actor.Tell(new InstanceMessage.Refuse(request, reason));

    private void Reconcile(Listing listing, IReadOnlyList<FoundBackend> backends)
    {
        var there = backends.Select(found => found.Backend.Id).ToHashSet();
        foreach (var (key, backendId) in listing.Expected)
        {
            if (!there.Contains(backendId) && _instances.TryGet(key, out var entry))
            {
                entry.Actor.Tell(new InstanceMessage.Missing(backendId));
            }
        }

        foreach (var found in backends)
        {
            if (_instances.TryGet(found.Key, out var entry))
            {
                entry.Actor.Tell(new InstanceMessage.Found(found, Adopt: false));
            }
            else if (!listing.Retired.Contains(found.Key))
            {
                AdoptOrRemove(listing.Runtime, found);
            }
        }
    }

    private void AdoptOrRemove(IInstanceRuntime runtime, FoundBackend found)
    {
        if (!_instanceScopes.TryGetValue(found.Key.Challenge, out var scope) || scope.Runtime != runtime)
        {
            RegistryLog.Orphan(_scope.Logger, found.Key.ToShortString(), found.Backend.Id, "no such challenge");
            RemoveOrphan(runtime, found);
            return;
        }

        var portIsIts = _rooms.Occupy(found.Key, found.Backend.Port) || !_rooms.Occupy(found.Key, port: null);
        var adopt = found.Usable
            && portIsIts
            && scope.Challenge.Scope == ChallengeScope.Identifier
            && found.SpecHash == scope.Challenge.Template.SpecHash;
        if (!adopt)
        {
            RegistryLog.Orphan(_scope.Logger, found.Key.ToShortString(), found.Backend.Id, "it does not match the configuration");
        }

        var holds = new InstanceHoldings { HasRoom = true };
        Spawn(found.Key, holds).Actor.Tell(new InstanceMessage.Found(found, adopt));
    }

    /// <summary>Nobody can ask for its key: no actor is needed. If it fails, the next reconciliation finds it again.</summary>
    private void RemoveOrphan(IInstanceRuntime runtime, FoundBackend found)
        => Context.PipeToSelf(
            runtime.StopAsync(found.Key, found.Backend.Id, CancellationToken.None),
            outcome => new RegistryMessage.OrphanRemoved(found.Key, outcome),
            fault => new RegistryMessage.OrphanRemoved(found.Key, new StopOutcome.Failed(fault.Message)));

    private void NoteRetired(InstanceKey key)
    {
        foreach (var listing in _listings.Values)
        {
            listing.Retired.Add(key);
        }
    }

    private IInstanceRuntime RuntimeOf(InstanceKey key) => _instanceScopes[key.Challenge].Runtime;

    private void AskChildren()
    {
        foreach (var child in Context.Children.OfType<ActorRef<InstanceMessage>>())
        {
            _undescribed.Add(child);
            child.Tell(new InstanceMessage.Describe());
        }

        ListAll();
        RegistryLog.Recovering(_scope.Logger, _undescribed.Count);
    }

    private void ReceiveWhileRecovering(RegistryMessage message)
    {
        switch (message)
        {
            case RegistryMessage.Described described when _undescribed.Remove(described.Instance):
                Restore(described);
                break;
            case RegistryMessage.InstanceEnded ended when _undescribed.Remove(ended.Instance):
                Spawn(ended.Key, new InstanceHoldings { IsRestart = true, HasRoom = _rooms.Occupy(ended.Key, port: null) });
                break;
            case RegistryMessage.Changed or RegistryMessage.StartWanted or RegistryMessage.StartUnwanted
                or RegistryMessage.StartSettled or RegistryMessage.RoomReturned or RegistryMessage.Retire:
                ReceiveFromInstance(message);
                break;
            default:
                Context.Stash(message);
                break;
        }

        if (!IsRecovering)
        {
            Context.UnstashAll();
            Pump();
        }
    }

    /// <summary>What an instance told before it described itself is in its description already; what it told after that counts.</summary>
    private void ReceiveFromInstance(RegistryMessage message)
    {
        var key = message switch
        {
            RegistryMessage.Changed changed => changed.Info.Key,
            RegistryMessage.StartWanted wanted => wanted.Key,
            RegistryMessage.StartUnwanted unwanted => unwanted.Key,
            RegistryMessage.StartSettled settled => settled.Key,
            RegistryMessage.RoomReturned returned => returned.Key,
            RegistryMessage.Retire retire => retire.Key,
            _ => default,
        };
        if (_instances.TryGet(key, out _))
        {
            Context.Stash(message);
        }
    }

    private void Restore(RegistryMessage.Described described)
    {
        var entry = new InstanceEntry(described.Instance, described.Info);
        _instances.Add(described.Info.Key, entry);
        if (described.HasRoom)
        {
            _rooms.Occupy(described.Info.Key, described.Info.Port);
        }

        if (described.Info.State == InstanceState.Starting)
        {
            entry.IsStarting = true;
            _starting++;
        }

        if (described.WantsStart)
        {
            _queue.TryEnqueue(described.Info.Key);
        }
    }
}
