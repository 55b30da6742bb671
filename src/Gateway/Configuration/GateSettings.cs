using Instancer.Actors;
using Instancer.Gate.Options;

namespace Instancer.Gateway.Configuration;

/// <summary>What stands between strangers and the instances. All of it, but for TLS, can change while the node runs.</summary>
internal sealed record GateSettings
{
    /// <summary>What stands in front of each challenge, by its name.</summary>
    public required IReadOnlyDictionary<string, ChallengeGate> Challenges { get; init; }

    /// <summary>When blocks are banned by themselves.</summary>
    public BanOptions Bans { get; init; } = new();

    /// <summary>Who else than the tokens file says which tokens are accepted.</summary>
    public AuthenticatorOptions Authentication { get; init; } = new();

    /// <summary>How much of one CPU the checking of proofs of work may take. Default: 0.25.</summary>
    public double WorkCpu { get; init; } = 0.25;

    /// <summary>Whether an option, named by its path in the configuration, is one of these.</summary>
    public static bool MayChange(string path) => path.ToLowerInvariant().Split('.') switch
    {
        ["instancer", "challenges", _, var option, ..] => IsOption(option),
        ["instancer", "gateway", var option, ..] => GateReader.Options.Contains(option, StringComparer.OrdinalIgnoreCase),
        ["instancer", "bans" or AuthenticationReader.Name, ..] => true,
        ["instancer", var section, ..] => GateReader.Sections.Contains(section, StringComparer.OrdinalIgnoreCase),
        _ => false,
    };

    private static bool IsOption(string name)
        => GateReader.Options.Contains(name, StringComparer.OrdinalIgnoreCase) || GateReader.Sections.Contains(name, StringComparer.OrdinalIgnoreCase);
}

/// <summary>What stands in front of one challenge.</summary>
/// <param name="Entry">What a connection passes before it is asked for a token.</param>
/// <param name="Limits">What a client may take.</param>
internal sealed record ChallengeGate(GateOptions Entry, ChallengeLimits Limits)
{
    /// <summary>Nothing stands in front.</summary>
    public static ChallengeGate Open { get; } = new(GateOptions.Open, ChallengeLimits.None);
}
