using System.Net;
using Instancer.Gate.Addresses;
using Instancer.Gate.Options;

namespace Instancer.Gateway.Configuration;

/// <summary>Reads who may connect, and how often.</summary>
internal static class AddressReader
{
    private static readonly ValueKind<int> Number = ValueKinds.Count(1, 1_000_000);

    private static readonly ValueKind<IPNetwork> Block = new(
        "a block of addresses", "an address or a CIDR block, such as 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32", (string text, out IPNetwork value) =>
        {
            var (block, _) = AddressBlock.Parse(text);
            value = block?.ToNetwork() ?? default;
            return block is not null;
        });

    /// <summary>A list of blocks; <paramref name="fallback"/> if it is missing.</summary>
    public static IReadOnlyList<IPNetwork> Blocks(SectionReader section, string name, IReadOnlyList<IPNetwork> fallback)
        => section.IsMissing(name) ? fallback : section.Values(name, Block) is { Count: > 0 } blocks ? blocks : [];

    /// <summary>Who may connect; what is not said is as in <paramref name="defaults"/>.</summary>
    public static AddressOptions ReadAddresses(SectionReader section, AddressOptions defaults)
    {
        var addresses = new AddressOptions
        {
            Allow = Blocks(section, "allow", defaults.Allow),
            Deny = Blocks(section, "deny", defaults.Deny),
            AllowFile = File(section, "allowFile", defaults.AllowFile),
            DenyFile = File(section, "denyFile", defaults.DenyFile),
        };
        section.Finish();
        return addresses;
    }

    /// <summary>How often; what is not said is as in <paramref name="defaults"/>.</summary>
    public static RateOptions ReadRates(SectionReader section, RateOptions defaults)
    {
        var rates = new RateOptions
        {
            PerAddress = new RateLimits
            {
                PerSecond = section.ValueOrNone("perSecond", defaults.PerAddress.PerSecond, Number),
                Burst = section.ValueOrNone("burst", defaults.PerAddress.Burst, Number),
                AtOnce = section.ValueOrNone("atOnce", defaults.PerAddress.AtOnce, Number),
            },
            PerBlock = new RateLimits
            {
                PerSecond = section.ValueOrNone("blockPerSecond", defaults.PerBlock.PerSecond, Number),
                Burst = section.ValueOrNone("blockBurst", defaults.PerBlock.Burst, Number),
                AtOnce = section.ValueOrNone("blockAtOnce", defaults.PerBlock.AtOnce, Number),
            },
            IPv4Prefix = section.Value("ipv4Block", defaults.IPv4Prefix, ValueKinds.Count(8, 32)),
            IPv6Prefix = section.Value("ipv6Block", defaults.IPv6Prefix, ValueKinds.Count(16, 128)),
        };
        CheckBurst(section, "burst", "perSecond", rates.PerAddress, defaults.PerAddress);
        CheckBurst(section, "blockBurst", "blockPerSecond", rates.PerBlock, defaults.PerBlock);
        section.Finish();
        return rates;
    }

    private static void CheckBurst(SectionReader section, string burst, string perSecond, RateLimits limits, RateLimits defaults)
    {
        // What is wrong with the defaults is said where they are.
        if (limits != defaults && limits is { Burst: not null, PerSecond: null })
        {
            section.Fail(burst, $"of no use without a rate; allowed: with {section.PathOf(perSecond)}");
        }
    }

    private static string? File(SectionReader section, string name, string? fallback)
        => section.IsMissing(name) ? fallback : section.IsNone(name) ? null : section.Value(name, fallback, ValueKinds.FilePath!);
}
