using Instancer.Gate.Options;

namespace Instancer.Gateway.Configuration;

/// <summary>Reads what stands in front of challenges: once for all of them, and then for each what it says differently.</summary>
internal static class GateReader
{
    /// <summary>The options that stand by themselves; beside them there are sections.</summary>
    public static IReadOnlyList<string> Options { get; } = ["preamble", "prompt", "refusals", "proxies", "proxyHeader"];

    /// <summary>The sections.</summary>
    public static IReadOnlyList<string> Sections { get; } = ["pow", "addresses", "rates", "quotas"];

    private const int LongestPrompt = 1024;

    private static readonly ValueKind<PreambleForm> Form = ValueKinds.Choice("a preamble", ("binary", PreambleForm.Binary), ("line", PreambleForm.Line));

    private static readonly ValueKind<string> Prompt = new("a prompt", "1 to 1024 characters of ASCII", (string text, out string value) =>
    {
        value = text;
        return text.Length is > 0 and <= LongestPrompt && text.All(char.IsAscii);
    });

    /// <summary>What all challenges have that say nothing else.</summary>
    /// <param name="root">Where its sections are.</param>
    /// <param name="gateway">Where its other options are.</param>
    public static ChallengeGate ReadDefaults(SectionReader root, SectionReader gateway) => Read(root, gateway, ChallengeGate.Open);

    /// <summary>What one challenge has.</summary>
    /// <param name="challenge">Where it says so.</param>
    /// <param name="defaults">What it has where it says nothing.</param>
    public static ChallengeGate Read(SectionReader challenge, ChallengeGate defaults) => Read(challenge, challenge, defaults);

    /// <summary>When blocks are banned by themselves.</summary>
    public static BanOptions ReadBans(SectionReader section)
    {
        var defaults = new BanOptions();
        var bans = new BanOptions
        {
            Failures = section.ValueOrNone("failures", ValueKinds.Count(1, 1_000_000)),
            Window = section.Value("window", defaults.Window, ValueKinds.Duration),
            Duration = section.Value("duration", defaults.Duration, ValueKinds.Duration),
            Longest = section.Value("longest", defaults.Longest, ValueKinds.Duration),
        };
        if (bans.Longest < bans.Duration)
        {
            section.Fail("longest", $"{bans.Longest} is less than {section.PathOf("duration")}, {bans.Duration}; allowed: at least as long");
        }

        section.Finish();
        return bans;
    }

    private static ChallengeGate Read(SectionReader sections, SectionReader options, ChallengeGate defaults)
    {
        var entry = defaults.Entry;
        var gate = new GateOptions
        {
            Work = WorkReader.Read(sections.Section("pow"), entry.Work),
            Addresses = AddressReader.ReadAddresses(sections.Section("addresses"), entry.Addresses),
            Rates = AddressReader.ReadRates(sections.Section("rates"), entry.Rates),
            Greeting = new GreetingOptions
            {
                Form = options.Value("preamble", entry.Greeting.Form, Form),
                Prompt = options.IsNone("prompt") ? null : options.Value("prompt", entry.Greeting.Prompt, Prompt!),
                Refusals = options.Value("refusals", entry.Greeting.Refusals, ValueKinds.Flag),
            },
            ProxiesIn = AddressReader.Blocks(options, "proxies", entry.ProxiesIn),
        };
        var limits = QuotaReader.Read(sections.Section("quotas"), defaults.Limits) with
        {
            SendsProxyHeader = options.Value("proxyHeader", defaults.Limits.SendsProxyHeader, ValueKinds.Flag),
            OpeningAllowance = gate.Work.IsOn ? gate.Work.Timeout : TimeSpan.Zero,
        };
        return new ChallengeGate(gate, limits);
    }
}
