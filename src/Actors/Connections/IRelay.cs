using Instancer.Actors.Instances;

namespace Instancer.Actors.Connections;

/// <summary>Dials backends and moves the bytes of sessions.</summary>
public interface IRelay
{
    /// <summary>Connects to a backend.</summary>
    Task<DialOutcome> DialAsync(BackendAddress address, CancellationToken cancellationToken);

    /// <summary>
    /// Starts a session: from here on the two sides are as good as a piece of wire. Takes both sockets over, and has closed both
    /// when <see cref="ISession.Completion"/> ends.
    /// </summary>
    ISession Start(IClientSocket client, IBackendSocket backend, SessionTerms terms);
}

/// <summary>A connection to a backend. Disposing it closes it in order.</summary>
public interface IBackendSocket : IDisposable;

/// <summary>How a dial ended.</summary>
public abstract record DialOutcome
{
    /// <summary>The backend accepted.</summary>
    /// <param name="Socket">The connection; the receiver owns it.</param>
    public sealed record Connected(IBackendSocket Socket) : DialOutcome;

    /// <summary>It did not.</summary>
    /// <param name="Reason">Why, in one line.</param>
    public sealed record Failed(string Reason) : DialOutcome;
}

/// <summary>A connection that is being relayed.</summary>
public interface ISession
{
    /// <summary>Ends, never faulted, when both sides have ended or one was reset, and both sockets are closed.</summary>
    Task<SessionEnd> Completion { get; }

    /// <summary>The bytes passed on so far, both directions together.</summary>
    long BytesRelayed { get; }

    /// <summary>Ends the session: both sides are reset.</summary>
    void Reset();
}

/// <summary>How a session ended.</summary>
/// <param name="Cause">Who ended it.</param>
/// <param name="BytesFromClient">The bytes passed from client to backend.</param>
/// <param name="BytesFromBackend">The bytes passed from backend to client.</param>
public sealed record SessionEnd(SessionEndCause Cause, long BytesFromClient, long BytesFromBackend);

/// <summary>Who ended a session.</summary>
public enum SessionEndCause
{
    /// <summary>Both sides ended in order.</summary>
    Finished,

    /// <summary>The client reset its connection, and the backend's was reset for it.</summary>
    ClientReset,

    /// <summary>The backend reset its connection, and the client's was reset for it.</summary>
    BackendReset,

    /// <summary>Instancer ended it with <see cref="ISession.Reset"/>.</summary>
    Revoked,
}
