using Instancer.Actors.Instances;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Registry;

/// <summary>Who may start when: so many at once, in turn, when there is room; and if there is none, the reaper is asked, which has a file of its own.</summary>
internal sealed partial class TokenRegistryActor
{
    private readonly Rooms _rooms;
    private readonly StartQueue _queue;
    private int _starting;

    private bool ReceiveStarts(RegistryMessage message)
    {
        switch (message)
        {
            case RegistryMessage.StartWanted wanted:
                OnStartWanted(wanted.Key);
                return true;
            case RegistryMessage.PositionWanted wanted:
                TellPosition(wanted.Key);
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
        else if (_queue.Contains(key) || !IsDenied(entry, JudgeWanted(key)))
        {
            Enqueue(key, entry);
        }
    }

    private void Enqueue(InstanceKey key, InstanceEntry entry)
    {
        if (_queue.TryEnqueue(key))
        {
            Pump();
            TellPosition(key);
        }
        else
        {
            entry.Actor.Tell(new InstanceMessage.StartRefused("the start queue is full"));
        }
    }

    private void TellPosition(InstanceKey key)
    {
        if (_queue.PositionOf(key) is { } position && _instances.TryGet(key, out var entry))
        {
            entry.Actor.Tell(new InstanceMessage.StartWaits(position));
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
        if (portTaken)
        {
            _life.Quotas.Forgive(key);
        }

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
        _judged.Clear();
        while (_starting < concurrent && _queue.TryDequeue(IsDue, out var next))
        {
            if (_instances.TryGet(next, out var entry) && !IsDenied(entry, JudgeTurn(next)))
            {
                _judged.Remove((next.Challenge, next.Token));
                NoteStart(next);
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

    private void NoteStart(InstanceKey key)
    {
        if (LimitsOf(key).StartsPerMinute is not null)
        {
            _life.Quotas.NoteStart(key, _scope.Time.Uptime());
        }
    }

    /// <summary>Whether it is to be decided now on a start: it may begin, or never will.</summary>
    private bool IsDue(InstanceKey key) => !_rooms.IsTaken(key) && JudgeTurn(key) switch
    {
        QuotaVerdict.Free => TryFindSpare(key.Challenge, out _) || _rooms.Has(key.Challenge),
        QuotaVerdict.Wait => false,
        _ => true,
    };
}
