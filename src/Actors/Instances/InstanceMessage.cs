using Instancer.Actors.Connections;
using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Instances;

/// <summary>What an <see cref="InstanceActor"/> takes.</summary>
internal abstract record InstanceMessage
{
    /// <summary>A connection wants a lease.</summary>
    public sealed record Acquire(RegistryMessage.Acquire Request) : InstanceMessage;

    /// <summary>A connection wants a lease, and it is certain that a start would fail.</summary>
    public sealed record Refuse(RegistryMessage.Acquire Request, string Reason) : InstanceMessage;

    /// <summary>A connection that waited, or held a lease, is over.</summary>
    public sealed record ConnectionEnded(ActorRef<ConnectionMessage> Connection) : InstanceMessage;

    /// <summary>Ask again who owns the key of a found backend.</summary>
    public sealed record ClaimAgain : InstanceMessage;

    /// <summary>It is known who owns the key.</summary>
    public sealed record Claimed(KeyOwner Owner) : InstanceMessage;

    /// <summary>Look whether this node still owns the key.</summary>
    public sealed record CheckTenure : InstanceMessage;

    /// <summary>The node leaves the cluster: give the key up as soon as nobody is served.</summary>
    public sealed record HandBack : InstanceMessage;

    /// <summary>The key is given up.</summary>
    public sealed record Released : InstanceMessage;

    /// <summary>It is this instance's turn to start, and there is room for it.</summary>
    /// <param name="Port">The port for its backend, if it needs one.</param>
    /// <param name="Spare">The spare to take in place of a start, whose room comes with it; null for none.</param>
    public sealed record StartGranted(int? Port, Spare? Spare = null) : InstanceMessage;

    /// <summary>Start a spare: there is room for it.</summary>
    public sealed record StartSpare(int? Port) : InstanceMessage;

    /// <summary>Give the spare to the instance of a key.</summary>
    public sealed record HandOver(InstanceKey To) : InstanceMessage;

    /// <summary>The instance that was to get the spare has not got it, or has not said so in time.</summary>
    public sealed record HandOverFailed : InstanceMessage;

    /// <summary>The start waits for its turn or for room.</summary>
    /// <param name="Position">Its place in the queue, from 1.</param>
    public sealed record StartWaits(int Position) : InstanceMessage;

    /// <summary>The start queue is full, the token has what it may have, or the node stops.</summary>
    public sealed record StartRefused(string Reason) : InstanceMessage;

    /// <summary>The longest-waiting client has waited long enough for the start to begin.</summary>
    public sealed record QueueDeadline : InstanceMessage;

    /// <summary>The start has ended.</summary>
    public sealed record StartEnded(StartOutcome Outcome) : InstanceMessage;

    /// <summary>It is known whether it is written down that the spare is this instance's.</summary>
    public sealed record TakeEnded(TakeOutcome Outcome) : InstanceMessage;

    /// <summary>The removal has ended.</summary>
    public sealed record StopEnded(StopOutcome Outcome) : InstanceMessage;

    /// <summary>After a removal that failed: once more.</summary>
    public sealed record StopAgain : InstanceMessage;

    /// <summary>After a restart of this actor: what the runtime has.</summary>
    public sealed record Recovered(ListOutcome Outcome) : InstanceMessage;

    /// <summary>After a listing that failed: once more.</summary>
    public sealed record RecoverAgain : InstanceMessage;

    /// <summary>A backend has ended.</summary>
    public sealed record BackendExited(string BackendId, BackendExit Exit) : InstanceMessage;

    /// <summary>The time to live, or the idle time, is over.</summary>
    public sealed record TimeIsUp(StopCause Cause) : InstanceMessage;

    /// <summary>A failed instance need not be remembered any more.</summary>
    public sealed record Forget : InstanceMessage;

    /// <summary>A backend was found that this actor may not know of.</summary>
    public sealed record Found(FoundBackend Backend, bool Adopt) : InstanceMessage;

    /// <summary>A listing did not have this backend, though it was asked for after the start.</summary>
    public sealed record Missing(string BackendId) : InstanceMessage;

    /// <summary>Stop.</summary>
    public sealed record Stop(StopCause Cause, bool OnlyIfIdle = false) : InstanceMessage;

    /// <summary>Live longer.</summary>
    public sealed record Extend(TimeSpan Duration, ReplyTo<DateTimeOffset?> ReplyTo) : InstanceMessage;

    /// <summary>The registry has forgotten this actor: no more requests will come.</summary>
    public sealed record Retired : InstanceMessage;

    /// <summary>The registry was restarted and asks what there is.</summary>
    public sealed record Describe : InstanceMessage;
}
