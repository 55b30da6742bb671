using Instancer.Actors;

namespace Instancer.Gateway.Configuration;

/// <summary>Reads what one client may take.</summary>
internal static class QuotaReader
{
    private static readonly ValueKind<int> Number = ValueKinds.Count(1, 1_000_000);

    private static readonly ValueKind<long> BytesPerSecond = new(
        "a number of bytes a second", "a number with KiB, MiB or GiB, at least 1KiB, such as 256KiB", (string text, out long bytes) =>
            SizeText.TryParse(text, hostMemory: 0, out bytes) && bytes >= 1024);

    private static readonly ValueKind<TokenFullAction> WhenFull = ValueKinds.Choice(
        "what happens", ("refuse", TokenFullAction.Refuse), ("oldest-goes", TokenFullAction.OldestGoes));

    /// <summary>The quotas; what is not said is as in <paramref name="defaults"/>.</summary>
    public static ChallengeLimits Read(SectionReader section, ChallengeLimits defaults)
    {
        var limits = defaults with
        {
            StartsPerMinute = section.ValueOrNone("startsPerMinute", defaults.StartsPerMinute, Number),
            InstancesPerToken = section.ValueOrNone("instances", defaults.InstancesPerToken, Number),
            WhenTokenFull = section.Value("whenFull", defaults.WhenTokenFull, WhenFull),
            SessionsPerInstance = section.ValueOrNone("sessionsPerInstance", defaults.SessionsPerInstance, Number),
            BytesPerSecond = section.ValueOrNone("bytesPerSecond", defaults.BytesPerSecond, BytesPerSecond),
            SessionLength = section.ValueOrNone("sessionLength", defaults.SessionLength, ValueKinds.Duration),
        };
        section.Finish();
        return limits;
    }
}
