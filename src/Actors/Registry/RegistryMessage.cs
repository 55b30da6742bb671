using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Registry;

/// <summary>What a <see cref="TokenRegistryActor"/> takes.</summary>
internal abstract record RegistryMessage
{
    /// <summary>A connection wants the instance of its key; <see cref="Preamble.ResetIdentifier"/> asks for a reset first.</summary>
    public sealed record Acquire(InstanceKey Key, string? Client, ActorRef<ConnectionMessage> Connection) : RegistryMessage
    {
        /// <summary>Whether another node has passed it on: that one has carried the reset out, if one was asked for, and has chosen this node. Default: false.</summary>
        public bool IsForwarded { get; init; }

        /// <summary>Whether it was asked before, and the reset carried out then, if one was asked for. Default: false.</summary>
        public bool IsAgain { get; init; }

        /// <summary>Whether no other node is to be chosen for it: this one was, or the one that was is not to be had. Default: as <see cref="IsForwarded"/>.</summary>
        public bool StaysHere { get => field || IsForwarded; init; }
    }

    /// <summary>A connection that waited for a reset is over.</summary>
    public sealed record ResetAbandoned(InstanceKey Key, ActorRef<ConnectionMessage> Connection) : RegistryMessage;

    /// <summary>It is known whether the other nodes have removed what they had of a token that is reset.</summary>
    /// <param name="Request">Whose reset it is.</param>
    /// <param name="Failure">Why it is not certain that they have; null if it is.</param>
    public sealed record ResetElsewhere(Acquire Request, string? Failure) : RegistryMessage;

    /// <summary>The node has lost its place, or may have.</summary>
    public sealed record CheckTenure : RegistryMessage;

    /// <summary>The node leaves the cluster: keys are given up as soon as nobody is served.</summary>
    public sealed record HandBack : RegistryMessage;

    /// <summary>An instance has changed: the newest that is known of it.</summary>
    public sealed record Changed(InstanceInfo Info) : RegistryMessage;

    /// <summary>After a restart of the registry: all that an instance can tell it.</summary>
    public sealed record Described(InstanceInfo Info, ActorRef<InstanceMessage> Instance, bool HasRoom, bool WantsStart) : RegistryMessage
    {
        /// <summary>The spare that it is about to take, or that its backend was; null for none.</summary>
        public SpareUse? Spare { get; init; }
    }

    /// <summary>An instance wants to start.</summary>
    public sealed record StartWanted(InstanceKey Key) : RegistryMessage;

    /// <summary>Another client waits for a start that waits for its turn: in which place?</summary>
    public sealed record PositionWanted(InstanceKey Key) : RegistryMessage;

    /// <summary>It does not any more.</summary>
    public sealed record StartUnwanted(InstanceKey Key) : RegistryMessage;

    /// <summary>A start has ended, well or not: another may begin.</summary>
    /// <param name="Key">Whose.</param>
    /// <param name="Spare">What became of the spare it was given, if any.</param>
    public sealed record StartSettled(InstanceKey Key, SpareUse? Spare = null) : RegistryMessage;

    /// <summary>A spare's answer: here it is, or it is not to be had any more.</summary>
    public sealed record HandedOver(InstanceKey Spare, InstanceKey To, Backend? Backend) : RegistryMessage;

    /// <summary>The pause after the taking of a spare is over.</summary>
    public sealed record RefillDue : RegistryMessage;

    /// <summary>A spare did not start, or ended by itself.</summary>
    public sealed record SpareFailed(InstanceKey Key) : RegistryMessage;

    /// <summary>Nothing is left of the backend: its room is free.</summary>
    public sealed record RoomReturned(InstanceKey Key, bool PortTaken = false) : RegistryMessage;

    /// <summary>An instance has nothing to do and nobody to wait for.</summary>
    public sealed record Retire(InstanceKey Key, ActorRef<InstanceMessage> Instance) : RegistryMessage;

    /// <summary>An instance actor is gone.</summary>
    public sealed record InstanceEnded(InstanceKey Key, ActorRef<InstanceMessage> Instance) : RegistryMessage;

    /// <summary>Time to compare what the runtimes have with what there should be.</summary>
    public sealed record Reconcile : RegistryMessage;

    /// <summary>A runtime has said what it has.</summary>
    public sealed record Listed(Listing Listing, ListOutcome Outcome) : RegistryMessage;

    /// <summary>The removal of a backend that nobody asks for has ended.</summary>
    public sealed record OrphanRemoved(InstanceKey Key, StopOutcome Outcome) : RegistryMessage;

    /// <summary>The reaper's clock: look for waiting starts, and answer if there are some or memory is low.</summary>
    public sealed record Inspect(ActorRef<ReaperMessage> Reaper, bool IsPressed) : RegistryMessage;

    /// <summary>The reaper's choice.</summary>
    public sealed record Cull(IReadOnlyList<Victim> Victims) : RegistryMessage;

    /// <summary>An operator's question.</summary>
    public sealed record List(ReplyTo<IReadOnlyList<InstanceInfo>> ReplyTo) : RegistryMessage;

    /// <summary>Somebody has an instance stopped; the answer is whether there was one, once nothing is left of it.</summary>
    public sealed record Stop(InstanceKey Key, StopCause Cause, ReplyTo<bool> ReplyTo) : RegistryMessage;

    /// <summary>An operator lets an instance live longer.</summary>
    public sealed record Extend(InstanceKey Key, TimeSpan Duration, ReplyTo<DateTimeOffset?> ReplyTo) : RegistryMessage;

    /// <summary>The node stops: starts end, backends that do not outlive it go.</summary>
    public sealed record Shutdown(ReplyTo<ShutDown> ReplyTo) : RegistryMessage;
}

/// <summary>The registry has nothing under way any more.</summary>
internal sealed record ShutDown;
