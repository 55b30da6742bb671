using Instancer.Actors.Connections;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>A node's stop in order, step by step: as the node does it itself, but without a thread that waits.</summary>
internal sealed class NodeDrain
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(15);

    private readonly ClusterNode _node;
    private readonly DateTimeOffset _since;
    private readonly List<ReplyTo<Drained>> _clients;
    private ReplyTo<Drained>? _others;
    private ReplyTo<ShutDown>? _shutDown;
    private DateTimeOffset _shutDownAt;
    private Task? _left;

    public NodeDrain(ClusterNode node)
    {
        _node = node;
        _since = node.Clock.AwakeTime;
        node.Part.AnnounceDraining();
        node.Node.Registry.Tell(new RegistryMessage.HandBack());
        _clients = [.. node.Node.Gateways.Select(gateway => Drain(gateway, node.Options.Gateway.DrainTimeout))];
    }

    public bool IsDone => _left is { IsCompleted: true };

    /// <summary>Whether no gateway failed on the way: what such a one leaves ends with the process.</summary>
    public bool IsClean => _clients.TrueForAll(client => client.Answer.IsCompletedSuccessfully) && _others is { Answer.IsCompletedSuccessfully: true };

    /// <summary>Goes on as far as it can.</summary>
    public void Proceed()
    {
        if (_others is null && _clients.TrueForAll(client => client.Answer.IsCompleted))
        {
            var left = _node.Options.Gateway.DrainTimeout - (_node.Clock.AwakeTime - _since);
            _others = Drain(_node.Node.ForwardGateway!, left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }

        if (_shutDown is null && _others is { Answer.IsCompleted: true })
        {
            _shutDown = Watched<RegistryMessage, ShutDown>(_node.Node.Registry);
            _shutDownAt = _node.Clock.AwakeTime;
            _node.Node.Registry.Tell(new RegistryMessage.Shutdown(_shutDown));
        }

        if (_left is null && _shutDown is { } shutDown && (shutDown.Answer.IsCompleted || _node.Clock.AwakeTime - _shutDownAt > ShutdownTimeout))
        {
            _left = _node.Part.LeaveAsync();
        }
    }

    private static ReplyTo<Drained> Drain(ActorRef<GatewayMessage> gateway, TimeSpan timeout)
    {
        var reply = Watched<GatewayMessage, Drained>(gateway);
        gateway.Tell(new GatewayMessage.Drain(reply, timeout));
        return reply;
    }

    // Who fails or stops before it has answered has answered that.
    public static ReplyTo<TReply> Watched<TMessage, TReply>(ActorRef<TMessage> target)
        where TMessage : class
    {
        var reply = new ReplyTo<TReply>(target.Path);
        target.Cell.PostSystem(new SystemMessage.Watch(reply));
        return reply;
    }
}
