using Instancer.Actors.Connections;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;
using Instancer.Cluster.Membership;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>A node's stop in order, step by step: as the node does it, but without a thread that waits.</summary>
internal sealed class NodeDrain
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(15);

    private readonly ClusterNode _node;
    private readonly List<Task> _drained;
    private ReplyTo<ShutDown>? _shutDown;
    private ReplyTo<Left>? _left;
    private DateTimeOffset _shutDownAt;

    public NodeDrain(ClusterNode node)
    {
        _node = node;
        _drained = [.. node.Node.Gateways.Select(Task (gateway) =>
        {
            var reply = Ask<GatewayMessage, Drained>(gateway);
            gateway.Tell(new GatewayMessage.Drain(reply));
            return reply.Answer;
        })];
    }

    public bool IsDone => _left is { Answer.IsCompleted: true };

    /// <summary>Goes on as far as it can.</summary>
    public void Proceed()
    {
        if (_shutDown is null && _drained.TrueForAll(answer => answer.IsCompleted))
        {
            _shutDown = Ask<RegistryMessage, ShutDown>(_node.Node.Registry);
            _shutDownAt = _node.Clock.AwakeTime;
            _node.Node.Registry.Tell(new RegistryMessage.Shutdown(_shutDown));
        }

        if (_shutDown is { } shutDown && _left is null && (shutDown.Answer.IsCompleted || _node.Clock.AwakeTime - _shutDownAt > ShutdownTimeout))
        {
            _left = Ask<MembershipMessage, Left>(_node.Membership);
            _node.Membership.Tell(new MembershipMessage.Leave(_left));
        }
    }

    // Who fails or stops before it has answered has answered that.
    private static ReplyTo<TReply> Ask<TMessage, TReply>(ActorRef<TMessage> target)
        where TMessage : class
    {
        var reply = new ReplyTo<TReply>(target.Path);
        target.Cell.PostSystem(new SystemMessage.Watch(reply));
        return reply;
    }
}
