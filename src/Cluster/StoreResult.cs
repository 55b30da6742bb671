using System.Diagnostics.CodeAnalysis;

namespace Instancer.Cluster;

/// <summary>What kept a call from being answered.</summary>
internal enum StoreFailure
{
    /// <summary>No member can be reached, or those that can are cut off from the majority.</summary>
    Unavailable,

    /// <summary>No answer came in time.</summary>
    TimedOut,

    /// <summary>The lease that was named is gone: it ran out or was revoked.</summary>
    LeaseGone,

    /// <summary>The store answered, and does not want to: no permission, wrong password, a request that makes no sense.</summary>
    Refused,

    /// <summary>What was named is no store that can be used, none of it: it answered, and is something else.</summary>
    Unusable,
}

/// <summary>Why a call to the store failed.</summary>
/// <param name="Failure">What kind of failure it is.</param>
/// <param name="MayBeDone">Whether the call may have been carried out, or may be yet. If not, it certainly has not been and never will be.</param>
/// <param name="Message">For people, in one line.</param>
internal sealed record StoreError(StoreFailure Failure, bool MayBeDone, string Message);

/// <summary>The store's answer, or why there is none.</summary>
internal readonly record struct StoreResult<T>(T? Value, StoreError? Error)
    where T : class
{
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Error is null;

    public static implicit operator StoreResult<T>(T value) => new(value, null);

    public static implicit operator StoreResult<T>(StoreError error) => new(null, error);
}
