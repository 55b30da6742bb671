namespace Instancer.Gate.Addresses;

/// <summary>A block that may not connect to any challenge of the node.</summary>
/// <param name="Block">The block.</param>
/// <param name="Cause">What led to it.</param>
/// <param name="Since">When it began.</param>
/// <param name="Until">When it ends; null for never.</param>
internal sealed record Ban(AddressBlock Block, BanCause Cause, DateTimeOffset Since, DateTimeOffset? Until)
{
    /// <summary>Why, in an operator's words; null if none were given.</summary>
    public string? Reason { get; init; }

    /// <summary>How many bans by itself the block has had, this one included, that are remembered; 0 for one by hand.</summary>
    public int Times { get; init; }
}

/// <summary>What leads to a ban.</summary>
internal enum BanCause
{
    /// <summary>Failed preambles.</summary>
    Failures,

    /// <summary>An operator.</summary>
    Hand,
}
