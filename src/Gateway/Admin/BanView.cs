using System.Text.Json;
using System.Text.Json.Serialization;
using Instancer.Gate.Addresses;

namespace Instancer.Gateway.Admin;

/// <summary>A ban, as the admin endpoint shows it.</summary>
internal sealed record BanView
{
    /// <summary>The block: an address, or one with the length of its prefix.</summary>
    public required string Block { get; init; }

    /// <summary>What led to it: <c>failures</c> or <c>hand</c>.</summary>
    public required BanCause Cause { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it ends; null for never.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Why, in an operator's words.</summary>
    public string? Reason { get; init; }

    /// <summary>How many bans by itself the block has had that are remembered, this one included; 0 for one by hand.</summary>
    public int Times { get; init; }

    /// <summary>What is shown of a ban.</summary>
    public static BanView Of(Ban ban) => new()
    {
        Block = ban.Block.ToString(),
        Cause = ban.Cause,
        Since = ban.Since,
        Until = ban.Until,
        Reason = ban.Reason,
        Times = ban.Times,
    };
}

/// <summary>What lifting a ban led to.</summary>
/// <param name="Lifted">The block that is banned no more.</param>
internal sealed record AdminBanLifted(string Lifted);

/// <summary>Causes as the words that lists use: <c>hand</c>.</summary>
internal sealed class BanCauseConverter() : JsonStringEnumConverter<BanCause>(JsonNamingPolicy.CamelCase);
