using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Registry;

/// <summary>What operators ask for, and the node's own end.</summary>
internal sealed partial class TokenRegistryActor
{
    private readonly List<RegistryMessage.Stop> _stops = [];
    private ReplyTo<ShutDown>? _shutdown;

    private void ReceiveOperators(RegistryMessage message)
    {
        switch (message)
        {
            case RegistryMessage.List list:
                list.ReplyTo.Reply([.. _instances.Snapshot().Select(candidate => candidate.Instance)]);
                break;
            case RegistryMessage.Stop stop:
                OnStop(stop);
                break;
            case RegistryMessage.Extend extend when _instances.TryGet(extend.Key, out var entry):
                entry.Actor.Tell(new InstanceMessage.Extend(extend.Duration, extend.ReplyTo));
                break;
            case RegistryMessage.Extend extend:
                extend.ReplyTo.Reply(null);
                break;
            case RegistryMessage.OrphanRemoved { Outcome: StopOutcome.Failed failed } orphan:
                RegistryLog.OrphanLeft(_scope.Logger, orphan.Key.ToShortString(), failed.Reason);
                break;
            case RegistryMessage.Shutdown shutdown:
                OnShutdown(shutdown.ReplyTo);
                break;
        }
    }

    private void OnStop(RegistryMessage.Stop stop)
    {
        if (!_instances.TryGet(stop.Key, out var entry))
        {
            stop.ReplyTo.Reply(false);
            return;
        }

        entry.Actor.Tell(new InstanceMessage.Stop(stop.Cause));
        _stops.Add(stop);
        if (!HasBackend(stop.Key))
        {
            AnswerStops(stop.Key);
        }
    }

    private void AnswerStops(InstanceKey key)
    {
        foreach (var stop in _stops.Where(stop => stop.Key == key))
        {
            stop.ReplyTo.Reply(true);
        }

        _stops.RemoveAll(stop => stop.Key == key);
    }

    private void OnShutdown(ReplyTo<ShutDown> replyTo)
    {
        _shutdown = replyTo;
        DenyPending("the node stops");
        foreach (var entry in _instances.Entries)
        {
            entry.Actor.Tell(new InstanceMessage.Stop(StopCause.Shutdown));
        }

        CheckShutdown();
    }

    private void CheckShutdown()
    {
        if (_shutdown is not null && _instances.Entries.All(MayStay))
        {
            _shutdown.Reply(new ShutDown());
        }
    }

    private bool MayStay(InstanceEntry entry)
        => !_life.HandsBack && RuntimeOf(entry.Info.Key).SurvivesRestart && entry.Info.State is InstanceState.Ready or InstanceState.Idle;
}
