using Instancer.Actors.Connections;

namespace Instancer.Actors;

/// <summary>What a node's actors need besides if it is one of several.</summary>
public sealed record ClusterPorts
{
    /// <summary>The open listener that other nodes pass connections on to; the sockets that it accepts are <see cref="IForwardedSocket"/>s.</summary>
    public required IListener Listener { get; init; }

    /// <summary>Passes connections on.</summary>
    public required IForwarder Forwarder { get; init; }

    /// <summary>Gives up this node's place, and all keys with it: called once the node serves nobody any more.</summary>
    public required Func<Task> LeaveAsync { get; init; }
}
