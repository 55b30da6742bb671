using Instancer.Gateway.Flags;

namespace Instancer.Gateway.Admin;

/// <summary>To whom a flag was given, as the admin endpoint shows it.</summary>
internal sealed record FlagView
{
    /// <summary>The client's name; null if the challenge asks for no token.</summary>
    public string? Client { get; init; }

    /// <summary>The challenge.</summary>
    public required string Challenge { get; init; }

    /// <summary>Challenge, token hash and identifier of the instance, with a slash between them.</summary>
    public required string Key { get; init; }

    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>What is shown of a record.</summary>
    public static FlagView Of(FlagRecord record) => new()
    {
        Client = record.Client,
        Challenge = record.Key.Challenge,
        Key = record.Key.ToString(),
        IssuedAt = record.IssuedAt,
    };
}
