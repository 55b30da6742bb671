using Instancer.Actors.Connections;
using Instancer.Actors.Instances;

namespace Instancer.Actors.Registry;

/// <summary>
/// What is, compared with what should be: at the start (adoption) and every so often. It relies on no event
/// having been seen.
/// </summary>
internal sealed partial class TokenRegistryActor
{
    private static readonly TimeSpan ReconcileInterval = TimeSpan.FromSeconds(30);

    /// <summary>How long a runtime may take to say what it has.</summary>
    private static readonly TimeSpan ListTimeout = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Listing> _listings = [];
    private readonly List<RegistryMessage.Acquire> _awaitingAdoption = [];

    private bool ReceiveReconciliation(RegistryMessage message)
    {
        switch (message)
        {
            case RegistryMessage.Reconcile:
                TellAgain();
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
        var giveUp = new CancellationTokenSource(ListTimeout, Context.Time);
        Context.PipeToSelf(
            runtime.ListAsync(giveUp.Token),
            outcome => new RegistryMessage.Listed(listing, outcome),
            fault => new RegistryMessage.Listed(listing, new ListOutcome.Unavailable(fault.Message)));
    }

    private bool IsAdopted(InstanceKey key) => !_life.Unadopted.Contains(RuntimeOf(key).Name);

    /// <summary>Until it is known what was there before, nothing can be said to be gone: the request waits for the runtime's answer.</summary>
    private void AwaitAdoption(RegistryMessage.Acquire request)
    {
        request.Connection.Tell(ConnectionMessage.LeasePending.Instance);
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
            case ListOutcome.Listed when _shutdown is not null || _life.HandsBack:
                // What it found is for the next start to adopt or remove.
                break;
            case ListOutcome.Listed listed:
                if (_life.Unadopted.Remove(listing.Runtime.Name))
                {
                    // Nothing was started before this: what retired meanwhile had no backend, and removed none.
                    listing.Retired.Clear();
                }

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

        // Of several under one key that nobody runs, the first is its instance's.
        var taken = new HashSet<InstanceKey>();
        foreach (var found in backends)
        {
            if (_instances.TryGet(found.Key, out var entry) && (taken.Contains(found.Key) || IsStray(listing, found, entry)))
            {
                RegistryLog.Orphan(_scope.Logger, found.Key.ToShortString(), found.Backend.Id, "its key has another backend");
                RemoveOrphan(listing.Runtime, found);
            }
            else if (entry is not null)
            {
                // Whatever the instance makes of it, the port is not free.
                NoteRoom(found);
                entry.Actor.Tell(new InstanceMessage.Found(found, Adopt: false));
            }
            else if (!listing.Retired.Contains(found.Key))
            {
                taken.Add(found.Key);
                AdoptOrRemove(listing.Runtime, found);
            }
        }
    }

    /// <summary>Whether a backend is one too many: its key's instance runs on another one, and did when the question was asked.</summary>
    private static bool IsStray(Listing listing, FoundBackend found, InstanceEntry entry)
        => listing.Expected.TryGetValue(found.Key, out var expected)
            && expected == entry.Info.BackendId
            && expected != found.Backend.Id;

    private void AdoptOrRemove(IInstanceRuntime runtime, FoundBackend found)
    {
        if (!_instanceScopes.TryGetValue(found.Key.Challenge, out var scope) || scope.Runtime != runtime)
        {
            RegistryLog.Orphan(_scope.Logger, found.Key.ToShortString(), found.Backend.Id, "no such challenge");
            RemoveOrphan(runtime, found);
            return;
        }

        var portIsIts = NoteRoom(found);
        var adopt = found is { Usable: true, IsSpare: false }
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

    /// <summary>Notes the room that a backend takes; false if its port is another's.</summary>
    private bool NoteRoom(FoundBackend found)
    {
        var portIsIts = _rooms.Occupy(found.Key, found.Backend.Port);
        return portIsIts || !_rooms.Occupy(found.Key, port: null);
    }

    /// <summary>Nobody asks for this backend: no actor is needed. If it fails, the next reconciliation finds it again.</summary>
    private void RemoveOrphan(IInstanceRuntime runtime, FoundBackend found)
        => Context.PipeToSelf(
            runtime.StopAsync(found.Key, found.Backend.Id, new CancellationTokenSource(ListTimeout, Context.Time).Token),
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
}
