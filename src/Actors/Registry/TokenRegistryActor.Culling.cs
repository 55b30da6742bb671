using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Registry;

/// <summary>What is told to the reaper, and what it chooses.</summary>
internal sealed partial class TokenRegistryActor
{
    private ActorRef<ReaperMessage>? _reaper;
    private bool _surveyed;

    private void Survey()
    {
        if (_reaper is null)
        {
            return;
        }

        var atOnce = Math.Max(0, _scope.Options.StartQueue.ConcurrentStarts - _starting);

        // Who waits for its own token's instances to go needs nobody else's to.
        var starts = _queue.CountByChallenge(key => JudgeTurn(key) == QuotaVerdict.Free).ToDictionary(waiting => waiting.Key, waiting => Math.Min(waiting.Value, atOnce));
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
