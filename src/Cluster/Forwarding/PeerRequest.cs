namespace Instancer.Cluster.Forwarding;

/// <summary>What one node asks of another.</summary>
public enum PeerKind
{
    /// <summary>To serve a client. The body is a <see cref="ClientBody"/>.</summary>
    Client = 1,

    /// <summary>An operator asks for the list of instances.</summary>
    List = 2,

    /// <summary>An operator stops an instance.</summary>
    Stop = 3,

    /// <summary>An operator extends an instance's time.</summary>
    Extend = 4,
}

/// <summary>How a node answers. The first three are those of <see cref="Actors.Connections.ForwardAnswer"/>.</summary>
public enum PeerCode
{
    /// <summary>What follows is the backend's.</summary>
    Served = 1,

    /// <summary>The key is not this node's.</summary>
    Moved = 2,

    /// <summary>There will be no instance.</summary>
    Refused = 3,

    /// <summary>The payload is the answer to an operator's question.</summary>
    Answered = 4,
}

/// <summary>An authentic request of another node.</summary>
/// <param name="Kind">What it asks for.</param>
/// <param name="Body">What it says about it.</param>
public sealed record PeerRequest(PeerKind Kind, ReadOnlyMemory<byte> Body);

/// <summary>An authentic answer of another node.</summary>
/// <param name="Code">What it says.</param>
/// <param name="Payload">What it says about it; empty but for <see cref="PeerCode.Answered"/>.</param>
public sealed record PeerReply(PeerCode Code, ReadOnlyMemory<byte> Payload);
