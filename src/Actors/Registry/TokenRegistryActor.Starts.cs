using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Registry;

/// <summary>Who may start when: so many at once, in turn, when there is room; and if there is none, the reaper is asked.</summary>
internal sealed partial class TokenRegistryActor
{
    private readonly Rooms _rooms;
    private readonly StartQueue _queue;
    private ActorRef<ReaperMessage>? _reaper;
    private bool _surveyed;
    private int _starting;

    private bool ReceiveStarts(RegistryMessage message)
    {
        switch (message)
        {
            case RegistryMessage.StartWanted wanted:
                OnStartWanted(wanted.Key);
                return true;
            case RegistryMessage.StartUnwanted unwanted:
                _queue.Remove(unwanted.Key);
                return true;
            case RegistryMessage.StartSettled settled:
                OnStartSettled(settled);
                return true;
            case RegistryMessage.RoomReturned returned:
                OnRoomReturned(returned.Key, returned.PortTaken);
                return true;
            case RegistryMessage.Inspect inspect:
                OnInspect(inspect.Reaper, inspect.IsPressed);
                return true;
            case RegistryMessage.Cull cull:
                OnCull(cull.Victims);
                return true;
            default:
                return false;
        }
    }

    private void OnStartWanted(InstanceKey key)
    {
        if (!_instances.TryGet(key, out var entry))
        {
            return;
        }

        if (_shutdown is not null)
        {
            entry.Actor.Tell(new InstanceMessage.StartRefused("the node stops"));
        }
        else if (_queue.TryEnqueue(key))
        {
            Pump();
        }
        else
        {
            entry.Actor.Tell(new InstanceMessage.StartRefused("the start queue is full"));
        }
    }

    private void OnStartSettled(RegistryMessage.StartSettled settled)
    {
        if (settled.Spare is { } use)
        {
            OnSpareUsed(use, settled.Key);
        }

        if (_instances.TryGet(settled.Key, out var entry))
        {
            EndStart(entry);
            Pump();
        }
    }

    private void EndStart(InstanceEntry entry)
    {
        if (entry.IsStarting)
        {
            entry.IsStarting = false;
            _starting--;
        }
    }

    private void OnRoomReturned(InstanceKey key, bool portTaken)
    {
        _rooms.Return(key, portTaken);
        NoteTaking(key, isTaking: false);
        foreach (var request in _resets.NoteGone(key))
        {
            HandOn(request);
        }

        AnswerStops(key);
        Pump();
    }

    /// <summary>Lets start whoever may.</summary>
    private void Pump()
    {
        var concurrent = _scope.Options.StartQueue.ConcurrentStarts;
        while (_starting < concurrent && _queue.TryDequeue(MayStart, out var next))
        {
            if (_instances.TryGet(next, out var entry))
            {
                entry.IsStarting = true;
                _starting++;
                if (TryFindSpare(next.Challenge, out var spare))
                {
                    HandOver(spare, next);
                }
                else
                {
                    entry.Actor.Tell(new InstanceMessage.StartGranted(_rooms.Take(next)));
                }
            }
        }

        Refill();
        NoteRoom();
        if (_queue.Count > 0 && _starting < concurrent && !_surveyed)
        {
            Survey();
        }
    }

    private void NoteRoom()
    {
        _scope.Metrics.NoteRoom(_rooms.Count, _queue.Count);
        if (_scope.IsClustered)
        {
            foreach (var challenge in _instanceScopes.Keys)
            {
                _scope.Status.NoteInstances(challenge, _rooms.CountOf(challenge));
            }
        }
    }

    private bool MayStart(InstanceKey key) => !_rooms.IsTaken(key) && (TryFindSpare(key.Challenge, out _) || _rooms.Has(key.Challenge));

    private void Survey()
    {
        if (_reaper is null)
        {
            return;
        }

        var atOnce = Math.Max(0, _scope.Options.StartQueue.ConcurrentStarts - _starting);
        var starts = _queue.CountByChallenge().ToDictionary(waiting => waiting.Key, waiting => Math.Min(waiting.Value, atOnce));
        _surveyed = true;
        _reaper.Tell(new ReaperMessage.Survey(_instances.Snapshot(), _rooms.Demand(starts)));
    }

    private void OnInspect(ActorRef<ReaperMessage> reaper, bool isPressed)
    {
        _reaper = reaper;
        _isPressed = isPressed;
        _surveyed = false;
        Pump();
        if (isPressed && !_surveyed)
        {
            Survey();
        }
    }

    private void OnCull(IReadOnlyList<Victim> victims)
    {
        _surveyed = false;
        foreach (var victim in victims)
        {
            if (_instances.TryGet(victim.Key, out var entry))
            {
                // Until it says otherwise, so that it is not counted on twice.
                _instances.Update(entry, entry.Info with { State = InstanceState.Stopping });
                entry.Actor.Tell(new InstanceMessage.Stop(victim.Cause, OnlyIfIdle: victim.WasIdle));
            }
        }
    }
}
