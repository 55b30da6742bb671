using Instancer.Actors.Instances;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Registry;

/// <summary>After a restart of this actor: the living instances say what they are.</summary>
internal sealed partial class TokenRegistryActor
{
    private readonly HashSet<ActorRef<InstanceMessage>> _undescribed = [];

    /// <summary>The instances have not all said yet what they are.</summary>
    private bool IsRecovering => _undescribed.Count > 0;

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
                Spawn(ended.Key, HoldingsAfter(_rooms.Occupy(ended.Key, port: null)));
                break;
            case RegistryMessage.Changed or RegistryMessage.StartWanted or RegistryMessage.PositionWanted or RegistryMessage.StartUnwanted
                or RegistryMessage.StartSettled or RegistryMessage.RoomReturned or RegistryMessage.Retire
                or RegistryMessage.HandedOver or RegistryMessage.SpareFailed:
                ReceiveFromInstance(message);
                break;
            default:
                Context.Stash(message);
                break;
        }

        if (!IsRecovering)
        {
            SettleSpares();
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
            RegistryMessage.PositionWanted wanted => wanted.Key,
            RegistryMessage.StartUnwanted unwanted => unwanted.Key,
            RegistryMessage.StartSettled settled => settled.Key,
            RegistryMessage.RoomReturned returned => returned.Key,
            RegistryMessage.Retire retire => retire.Key,
            RegistryMessage.HandedOver handed => handed.Spare,
            RegistryMessage.SpareFailed failed => failed.Key,
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
        RestoreSpare(described);
        if (described.HasRoom && !IsTakenSpare(described.Info.Key))
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
