using Instancer.Actors.Runtime;

namespace Instancer.Cluster.Membership;

/// <summary>What a <see cref="MembershipActor"/> takes. What came of a call has the number of the attempt that made it: what belongs to an earlier one is dropped.</summary>
internal abstract record MembershipMessage
{
    /// <summary>Time to try to join.</summary>
    public sealed record JoinDue : MembershipMessage;

    /// <summary>The store has granted a lease, or has not.</summary>
    /// <param name="Attempt">Which attempt to join.</param>
    /// <param name="AskedAt">When it was asked, on the monotonic clock: the lease began no earlier.</param>
    /// <param name="Result">Its answer.</param>
    public sealed record Granted(int Attempt, long AskedAt, StoreResult<Lease> Result) : MembershipMessage;

    /// <summary>The node's key is there, or is another node's.</summary>
    public sealed record Registered(int Attempt, Lease Lease, long AskedAt, StoreResult<TransactionAnswer> Result) : MembershipMessage;

    /// <summary>Time for a sign of life.</summary>
    public sealed record KeepAliveDue : MembershipMessage;

    /// <summary>The store has answered a sign of life, or has not.</summary>
    public sealed record KeptAlive(int Attempt, long AskedAt, StoreResult<KeepAlive> Result) : MembershipMessage;

    /// <summary>The lease may be another's soon: unless it was renewed meanwhile, the place is lost.</summary>
    public sealed record FenceDue : MembershipMessage;

    /// <summary>Give the place up in order.</summary>
    public sealed record Leave(ReplyTo<Left> ReplyTo) : MembershipMessage;

    /// <summary>The store has ended the lease, or could not be asked to.</summary>
    public sealed record Revoked(long Lease, StoreError? Error) : MembershipMessage;
}

/// <summary>The node has no place any more.</summary>
internal sealed record Left;
