using Instancer.Actors;
using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>Stops what another node's reset asks to be stopped, and says so when it is gone: at a step of the simulation's, where an ask would go on on a thread of its own.</summary>
internal sealed class ResetServant(ClusterNode node, ClusterBugs bugs)
{
    private readonly List<(ReplyTo<bool> Reply, TaskCompletionSource Done)> _pending = [];

    public Task StopAsync(InstanceKey key, CancellationToken cancellationToken)
    {
        node.State.MayThrow();
        var reply = NodeDrain.Watched<RegistryMessage, bool>(node.Node.Registry);
        node.Node.Registry.Tell(new RegistryMessage.Stop(key, StopCause.Reset, reply));
        if (bugs.HasFlag(ClusterBugs.EarlyMark))
        {
            return Task.CompletedTask;
        }

        var done = new TaskCompletionSource();
        cancellationToken.Register(() => done.TrySetCanceled(cancellationToken));
        _pending.Add((reply, done));
        return done.Task;
    }

    public void Proceed()
    {
        foreach (var (reply, done) in _pending.FindAll(pending => pending.Reply.Answer.IsCompleted))
        {
            _pending.Remove((reply, done));
            if (reply.Answer.IsCompletedSuccessfully)
            {
                done.TrySetResult();
            }
            else
            {
                done.TrySetException(new AskFailedException("the registry has failed"));
            }
        }
    }
}
