namespace Instancer.Actors.Connections;

/// <summary>The listening socket of one challenge. Disposing it closes it and ends an accept under way as <see cref="AcceptOutcome.Closed"/>.</summary>
public interface IListener : IDisposable
{
    /// <summary>The address it listens on, as <c>host:port</c>.</summary>
    string LocalAddress { get; }

    /// <summary>The next client. One call at a time.</summary>
    Task<AcceptOutcome> AcceptAsync();
}

/// <summary>How an accept ended.</summary>
public abstract record AcceptOutcome
{
    /// <summary>A client connected.</summary>
    /// <param name="Socket">Its socket; the receiver owns it.</param>
    public sealed record Accepted(IClientSocket Socket) : AcceptOutcome;

    /// <summary>No client now, but there may be one later: the open-file limit is reached, or the client was gone before it was accepted.</summary>
    /// <param name="Reason">Why, in one line.</param>
    public sealed record TryLater(string Reason) : AcceptOutcome
    {
        /// <summary>Whether it is for want of something that a connection gives back when it ends, such as open files. Default: false.</summary>
        public bool IsShort { get; init; }
    }

    /// <summary>The listener was disposed.</summary>
    public sealed record Closed : AcceptOutcome;
}
