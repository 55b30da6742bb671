using Instancer.Actors.Connections;

namespace Instancer.Actors;

/// <summary>What a node's actors need besides if it is one of several.</summary>
public sealed record ClusterPorts
{
    /// <summary>The open listener that other nodes pass connections on to; the sockets that it accepts are <see cref="IForwardedSocket"/>s.</summary>
    public required IListener Listener { get; init; }

    /// <summary>Passes connections on.</summary>
    public required IForwarder Forwarder { get; init; }

    /// <summary>
    /// How long a client waits while the owner of its key does not answer or has given the key up; more than a place lasts, so that it meets the next owner of a node
    /// that died. Default: 15 seconds.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Gives up this node's place, and all keys with it: called once the node serves nobody any more.</summary>
    public required Func<Task> LeaveAsync { get; init; }
}
