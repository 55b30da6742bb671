using System.Globalization;
using Instancer.Actors;

namespace Instancer.Gateway.Configuration;

/// <summary>Reads the challenges.</summary>
internal static class ChallengeReader
{
    /// <summary>What names a challenge, or a container of one, may have.</summary>
    public const string AllowedNames = "1 to 32 of a-z, 0-9 and '-'";

    private const int LongestName = 32;

    private static readonly ValueKind<ChallengeScope> Scope = ValueKinds.Choice(
        "a scope", ("identifier", ChallengeScope.Identifier), ("connection", ChallengeScope.Connection));

    private static readonly ValueKind<string> Runtime = ValueKinds.Choice(
        "a runtime", (TemplateReader.Docker, TemplateReader.Docker), (TemplateReader.Process, TemplateReader.Process));

    // What the template of a challenge with errors is, while the other errors are still looked for.
    private static readonly Challenge Defaults = new() { Name = "", Port = 0, Runtime = "", Template = TemplateReader.None };

    /// <summary>Every challenge, those with errors included.</summary>
    /// <param name="section">Where they are.</param>
    /// <param name="gate">What stands in front of those that say nothing else.</param>
    /// <param name="gates">Takes what stands in front of each.</param>
    /// <param name="tls">Takes those that speak TLS.</param>
    /// <param name="hostMemory">For sizes in per cent.</param>
    /// <param name="errors">Where errors go.</param>
    public static IReadOnlyList<Challenge> ReadAll(
        SectionReader section, ChallengeGate gate, Dictionary<string, ChallengeGate> gates, Dictionary<string, TlsSettings> tls, long hostMemory, ConfigurationErrors errors)
    {
        List<Challenge> challenges = [];
        foreach (var name in section.Keys)
        {
            var challenge = section.Section(name);
            if (!IsName(name))
            {
                errors.Add(
                    challenge.Path,
                    $"{ConfigurationErrors.Show(name)} is not a challenge's name; allowed: {AllowedNames}");
            }

            gates.Add(name, GateReader.Read(challenge, gate));
            if (TlsReader.Read(challenge) is { } settings)
            {
                tls.Add(name, settings);
            }

            challenges.Add(Read(name, challenge, hostMemory));
        }

        if (challenges.Count == 0)
        {
            errors.Add(section.Path, "no challenge; allowed: at least one");
        }

        return challenges;
    }

    private static Challenge Read(string name, SectionReader section, long hostMemory)
    {
        var runtime = section.Required("runtime", Runtime) ?? "";
        var challenge = new Challenge
        {
            Name = name,
            Port = section.Required("port", ValueKinds.ListenPort),
            Scope = section.Value("scope", Defaults.Scope, Scope),
            Runtime = runtime,
            Template = TemplateReader.Read(runtime, section, hostMemory),
            Ttl = section.Value("ttl", Defaults.Ttl, ValueKinds.Duration),
            IdleTimeout = section.Value("idleTimeout", Defaults.IdleTimeout, ValueKinds.Duration),
            StartTimeout = section.Value("startTimeout", Defaults.StartTimeout, ValueKinds.Duration),
            MaxInstances = section.Value("maxInstances", Defaults.MaxInstances, ValueKinds.Count(1, 1_000_000)),
            Warm = section.Value("warm", Defaults.Warm, ValueKinds.Count(0, 1_000_000)),
        };
        if (challenge.Warm > challenge.MaxInstances)
        {
            section.Fail(
                "warm",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{challenge.Warm} is more than maxInstances, which counts spares too; allowed: 0 to {challenge.MaxInstances}"));
        }

        if (challenge.Scope == ChallengeScope.Connection)
        {
            section.Refuse("there is no preamble where the scope is connection", "preamble", "prompt");
        }

        if (challenge is { Warm: > 0, Template.Flag.IsForAnybody: false })
        {
            section.Fail("warm", "a spare's flag is made before its client is known; allowed: a flag without {name} and {hmac}, or 0");
        }

        section.Finish();
        return challenge;
    }

    /// <summary>Whether a name is one of <see cref="AllowedNames"/>.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
