using Instancer.Actors.Instances;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Connections;

/// <summary>What a <see cref="ConnectionActor"/> takes.</summary>
internal abstract record ConnectionMessage
{
    /// <summary>The client has done what it is asked before its preamble, or has not.</summary>
    public sealed record Passed(bool IsPassed) : ConnectionMessage;

    /// <summary>Reading the preamble has ended.</summary>
    public sealed record PreambleRead(PreambleOutcome Outcome) : ConnectionMessage, IDiscardable
    {
        public void Discard() => (Outcome as PreambleOutcome.Complete)?.Preamble.Erase();
    }

    /// <summary>It is known whose the token is, or that it is nobody's.</summary>
    public sealed record Authenticated(Authentication Answer) : ConnectionMessage;

    /// <summary>The gateway is full: a connection that is still opening is to make room.</summary>
    public sealed record GiveWay : ConnectionMessage
    {
        public static GiveWay Instance { get; } = new();
    }

    /// <summary>Reading what another node asks for has ended.</summary>
    public sealed record RequestRead(ForwardOpening Opening) : ConnectionMessage;

    /// <summary>Another node has been asked to serve the client.</summary>
    public sealed record Forwarded(ForwardOutcome Outcome) : ConnectionMessage, IDiscardable
    {
        public void Discard() => (Outcome as ForwardOutcome.Accepted)?.Socket.Dispose();
    }

    /// <summary>After a pause: whose is the key by now?</summary>
    public sealed record AskAgain : ConnectionMessage;

    /// <summary>The phase that the connection is in has taken too long.</summary>
    public sealed record DeadlinePassed : ConnectionMessage;

    /// <summary>The client has reset the connection while it waited.</summary>
    public sealed record ClientReset : ConnectionMessage;

    /// <summary>The instance is not ready: there is time to see whether the client stays.</summary>
    public sealed record LeasePending : ConnectionMessage
    {
        public static LeasePending Instance { get; } = new();
    }

    /// <summary>The start that is waited for begins, or waits for its turn in the <paramref name="Position"/>th place.</summary>
    public sealed record StartAwaited(int? Position) : ConnectionMessage
    {
        public static StartAwaited Begins { get; } = new(Position: null);
    }

    /// <summary>The instance is ready, and is held until this actor has stopped.</summary>
    public sealed record LeaseGranted(BackendAddress Address, ITenure Tenure) : ConnectionMessage;

    /// <summary>The instance is another node's, or may be; if it is known whose, the connection is to be passed on to it.</summary>
    public sealed record LeaseElsewhere(NodeAddress? Node, string Reason) : ConnectionMessage
    {
        /// <summary>Whether nothing was done yet of what was asked for: no reset either. Default: false.</summary>
        public bool IsUntouched { get; init; }
    }

    /// <summary>There will be no instance.</summary>
    public sealed record LeaseDenied(string Reason) : ConnectionMessage;

    /// <summary>The instance is being stopped: the session ends now.</summary>
    public sealed record LeaseRevoked(string Reason) : ConnectionMessage;

    /// <summary>The backend has ended by itself: what it sent is still to be passed on.</summary>
    public sealed record BackendExited(string Reason) : ConnectionMessage;

    /// <summary>The dial has ended.</summary>
    public sealed record Dialed(DialOutcome Outcome) : ConnectionMessage, IDiscardable
    {
        public void Discard() => (Outcome as DialOutcome.Connected)?.Socket.Dispose();
    }

    /// <summary>The session has ended, and both sockets are closed.</summary>
    public sealed record SessionEnded(SessionEnd End) : ConnectionMessage;

    /// <summary>The session has lasted for as long as it may.</summary>
    public sealed record SessionTimeIsUp : ConnectionMessage;

    /// <summary>Is the session of an exited backend still moving?</summary>
    public sealed record CheckProgress : ConnectionMessage;

    /// <summary>The node stops: a connection that is not relayed yet ends now, a session may go on.</summary>
    public sealed record Drain : ConnectionMessage;

    /// <summary>The connection ends now, whatever it does.</summary>
    public sealed record Abort : ConnectionMessage;
}
