using Instancer.Actors.Registry;

namespace Instancer.Actors.Connections;

/// <summary>Passes connections on to the nodes that own their keys.</summary>
public interface IForwarder
{
    /// <summary>
    /// Asks another node to serve a client, and ends when that node has a backend for it or will not have one. The call waits for as long as the other node's start takes.
    /// </summary>
    Task<ForwardOutcome> ForwardAsync(NodeAddress to, ForwardRequest request, CancellationToken cancellationToken);
}

/// <summary>What one node tells another of a client.</summary>
/// <param name="Key">The key that the client is to be served for.</param>
/// <param name="Client">The client's name; null if the challenge asks for no token.</param>
/// <param name="RemoteAddress">The client's address, as the node that it is connected to sees it.</param>
public sealed record ForwardRequest(InstanceKey Key, string? Client, string RemoteAddress);

/// <summary>How it ended that a connection was to be passed on.</summary>
public abstract record ForwardOutcome
{
    /// <summary>The other node serves it.</summary>
    /// <param name="Socket">The connection to the other node, from here on as good as one to the backend; the receiver owns it.</param>
    public sealed record Accepted(IBackendSocket Socket) : ForwardOutcome;

    /// <summary>The other node does not own the key, or cannot be reached, and may have stopped: who owns the key has to be asked again.</summary>
    /// <param name="Reason">Why, in one line.</param>
    public sealed record Moved(string Reason) : ForwardOutcome;

    /// <summary>The other node will not serve it.</summary>
    /// <param name="Reason">Why, in one line.</param>
    public sealed record Refused(string Reason) : ForwardOutcome;
}

/// <summary>A connection that another node passes on. Until it has been answered nothing of the client's comes through it.</summary>
public interface IForwardedSocket : IClientSocket
{
    /// <summary>Reads what the other node asks for. Only <see cref="ForwardOpening.Client"/> needs an answer.</summary>
    Task<ForwardOpening> ReadRequestAsync(CancellationToken cancellationToken);

    /// <summary>Answers. After <see cref="ForwardAnswer.Served"/> the socket is the client's; after anything else it is to be closed.</summary>
    void Answer(ForwardAnswer answer);
}

/// <summary>What a connection to the nodes' port turned out to be.</summary>
public abstract record ForwardOpening
{
    /// <summary>Another node passes a client on.</summary>
    /// <param name="Request">What it says of the client.</param>
    public sealed record Client(ForwardRequest Request) : ForwardOpening;

    /// <summary>An operator asks through another node. Whoever accepted it has nothing more to do with it: it is answered already, or is about to be.</summary>
    public sealed record Question : ForwardOpening;

    /// <summary>Anything but a whole and authentic request of a node of this cluster; it was logged where it was read.</summary>
    /// <param name="Reason">Why, in one line.</param>
    public sealed record Invalid(string Reason) : ForwardOpening;
}

/// <summary>What a node answers to one that passes a connection on.</summary>
public enum ForwardAnswer
{
    /// <summary>What follows is the backend's.</summary>
    Served = 1,

    /// <summary>The key is not this node's: ask again whose it is.</summary>
    Moved = 2,

    /// <summary>There will be no instance.</summary>
    Refused = 3,
}
