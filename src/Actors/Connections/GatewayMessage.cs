using Instancer.Actors.Runtime;

namespace Instancer.Actors.Connections;

/// <summary>What a <see cref="GatewayActor"/> takes.</summary>
internal abstract record GatewayMessage
{
    /// <summary>An accept has ended.</summary>
    public sealed record AcceptEnded(AcceptOutcome Outcome) : GatewayMessage, IDiscardable
    {
        public void Discard() => (Outcome as AcceptOutcome.Accepted)?.Socket.Reset();
    }

    /// <summary>An accept has failed in a way that the listener has no outcome for.</summary>
    public sealed record AcceptFailed(Exception Cause) : GatewayMessage;

    /// <summary>A connection is over.</summary>
    public sealed record ConnectionEnded : GatewayMessage
    {
        public static ConnectionEnded Instance { get; } = new();
    }

    /// <summary>After a pause: try to accept again.</summary>
    public sealed record AcceptAgain : GatewayMessage;

    /// <summary>Stop accepting, let sessions go on for a while, then answer.</summary>
    public sealed record Drain(ReplyTo<Drained> ReplyTo, TimeSpan Timeout) : GatewayMessage;

    /// <summary>The sessions' time is over.</summary>
    public sealed record DrainDeadline : GatewayMessage;
}

/// <summary>A gateway has no connections any more, and takes none.</summary>
internal sealed record Drained;
