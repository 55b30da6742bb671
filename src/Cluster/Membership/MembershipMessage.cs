namespace Instancer.Cluster.Membership;

/// <summary>What a <see cref="MembershipActor"/> takes. What came of a call has the attempt that made it: what belongs to an earlier one is dropped.</summary>
internal abstract record MembershipMessage
{
    /// <summary>Time to try to join.</summary>
    public sealed record JoinDue : MembershipMessage;

    /// <summary>The store has granted a lease, or has not.</summary>
    /// <param name="Attempt">Which attempt to join.</param>
    /// <param name="AskedAt">When it was asked, on the monotonic clock: the lease began no earlier.</param>
    /// <param name="Result">Its answer.</param>
    public sealed record Granted(object Attempt, long AskedAt, StoreResult<Lease> Result) : MembershipMessage;

    /// <summary>The node's key is there, or is another node's.</summary>
    /// <param name="Attempt">Which attempt to join.</param>
    /// <param name="Lease">The lease that was granted for it.</param>
    /// <param name="AskedAt">When that was asked for.</param>
    /// <param name="Value">What was to be put.</param>
    /// <param name="Result">The store's answer.</param>
    public sealed record Registered(object Attempt, Lease Lease, long AskedAt, string Value, StoreResult<TransactionAnswer> Result) : MembershipMessage;

    /// <summary>Time for a sign of life.</summary>
    public sealed record KeepAliveDue : MembershipMessage;

    /// <summary>The store has answered a sign of life, or has not.</summary>
    public sealed record KeptAlive(Place Place, long AskedAt, StoreResult<KeepAlive> Result) : MembershipMessage;

    /// <summary>The lease may be another's soon: unless it was renewed meanwhile, the place is lost.</summary>
    public sealed record FenceDue : MembershipMessage;

    /// <summary>There may be something new to tell the others.</summary>
    /// <param name="IsUrgent">Whether it is not to wait for its turn.</param>
    public sealed record LoadChanged(bool IsUrgent = false) : MembershipMessage;

    /// <summary>The store has what was to be told, or has not.</summary>
    public sealed record Told(Place Place, string Value, StoreResult<TransactionAnswer> Result) : MembershipMessage;

    /// <summary>Somebody saw what is under the node's key.</summary>
    /// <param name="Revision">As of when.</param>
    /// <param name="ModRevision">When it was put last, or deleted; 0 for a key that is not there.</param>
    /// <param name="Value">What is there; null if there is no such key.</param>
    /// <param name="Lease">What it goes with.</param>
    public sealed record KeySeen(long Revision, long ModRevision, string? Value, long Lease) : MembershipMessage;

    /// <summary>The store has forgotten what it had said already.</summary>
    public sealed record StoreWentBack : MembershipMessage;

    /// <summary>Give the place up in order, and take no other.</summary>
    public sealed record Leave : MembershipMessage;

    /// <summary>The store has ended a lease, or could not be asked to.</summary>
    /// <param name="Life">Which incarnation has asked.</param>
    /// <param name="Error">Why it is not known to be over.</param>
    public sealed record Revoked(object Life, StoreError? Error) : MembershipMessage;
}
