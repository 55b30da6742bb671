using Instancer.Actors.Connections;

namespace Instancer.TestKit.Simulation;

/// <summary>A socket with a client at its other end, be it with another node between.</summary>
internal interface ISimulatedClient : IClientSocket
{
    /// <summary>The client at the end.</summary>
    FakeClient Origin { get; }

    ISimulatedSession? Session { get; set; }

    /// <summary>Whether nobody is at the other end any more.</summary>
    bool HasVanished { get; }

    /// <summary>Its session has ended: the socket is closed.</summary>
    void SessionEnded(SessionEndCause cause);
}

/// <summary>A session that a simulation can end.</summary>
internal interface ISimulatedSession : ISession
{
    void End(SessionEndCause cause);
}

/// <summary>A connection to another node, that is to be relayed as if that were the backend.</summary>
internal interface IPassedOnSocket : IBackendSocket
{
    ISession Start(FakeClient client);
}
