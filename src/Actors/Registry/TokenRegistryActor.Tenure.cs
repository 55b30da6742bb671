using Instancer.Actors.Instances;

namespace Instancer.Actors.Registry;

/// <summary>What a node of several has to do when it loses its place, and before it leaves.</summary>
internal sealed partial class TokenRegistryActor
{
    private bool ReceiveTenure(RegistryMessage message)
    {
        switch (message)
        {
            case RegistryMessage.CheckTenure:
                TellInstances(new InstanceMessage.CheckTenure());
                return true;
            case RegistryMessage.HandBack:
                _life.HandsBack = true;
                DenyPending("the node stops");
                TellInstances(new InstanceMessage.HandBack());
                return true;
            default:
                return false;
        }
    }

    /// <summary>Every so often, so that it does not matter if a message was lost in a failure.</summary>
    private void TellAgain()
    {
        if (_life.HandsBack)
        {
            TellInstances(new InstanceMessage.HandBack());
        }

        if (_scope.IsClustered)
        {
            TellInstances(new InstanceMessage.CheckTenure());
        }
    }

    private void TellInstances(InstanceMessage message)
    {
        foreach (var entry in _instances.Entries)
        {
            entry.Actor.Tell(message);
        }
    }
}
