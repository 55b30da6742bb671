using System.Net;
using Instancer.Actors;
using Instancer.Gate.Options;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Tests.Configuration;

/// <summary>What stands in front of challenges: for all of them, and for each by itself.</summary>
public sealed class GateOptionsTests
{
    private const string Global = """
        "gateway": { "preamble": "line", "prompt": "token: ", "refusals": true, "proxies": ["10.0.0.1", "fd00::/8"], "proxyHeader": true },
        "pow": { "difficulty": 1, "underAttack": 2, "attackAt": 9, "calmAt": 4, "calmAfter": "00:00:05", "timeout": "00:00:06", "cpu": 0.5 },
        "addresses": { "allow": ["192.0.2.0/24"], "deny": ["192.0.2.7"], "allowFile": "a", "denyFile": "d" },
        "rates": { "perSecond": 1, "burst": 2, "atOnce": 3, "blockPerSecond": 4, "blockBurst": 5, "blockAtOnce": 6, "ipv4Block": 24, "ipv6Block": 56 },
        "bans": { "failures": 7, "window": "00:00:08", "duration": "00:00:09", "longest": "00:00:10" },
        "quotas": { "startsPerMinute": 1, "instances": 2, "whenFull": "oldest-goes", "sessionsPerInstance": 3, "bytesPerSecond": "64KiB", "sessionLength": "00:00:04" },
        """;

    [Fact]
    public void By_default_nothing_stands_in_front()
    {
        var gate = ConfigurationFile.Loaded(ConfigurationFile.WithSample("")).Gate;
        Assert.Equal(ChallengeGate.Open, gate.Challenges["sample"]);
        Assert.Equal(new BanOptions(), gate.Bans);
    }

    [Fact]
    public void Every_option_reaches_its_place()
    {
        var gate = ConfigurationFile.Loaded(ConfigurationFile.WithSample(Global)).Gate;
        var (entry, limits) = gate.Challenges["sample"];
        Assert.Equal(
            new WorkOptions { Difficulty = 1, UnderAttack = 2, AttackAt = 9, CalmAt = 4, CalmAfter = TimeSpan.FromSeconds(5), Timeout = TimeSpan.FromSeconds(6) }, entry.Work);
        Assert.Equal(
            new RateOptions
            {
                PerAddress = new RateLimits { PerSecond = 1, Burst = 2, AtOnce = 3 },
                PerBlock = new RateLimits { PerSecond = 4, Burst = 5, AtOnce = 6 },
                IPv4Prefix = 24,
                IPv6Prefix = 56,
            },
            entry.Rates);
        Assert.Equal(new GreetingOptions { Form = PreambleForm.Line, Prompt = "token: ", Refusals = true }, entry.Greeting);
        Assert.Equal([new IPNetwork(IPAddress.Parse("10.0.0.1"), 32), IPNetwork.Parse("fd00::/8")], entry.ProxiesIn);
        Assert.Equal([IPNetwork.Parse("192.0.2.0/24")], entry.Addresses.Allow);
        Assert.Equal([IPNetwork.Parse("192.0.2.7/32")], entry.Addresses.Deny);
        Assert.Equal(("a", "d"), (entry.Addresses.AllowFile, entry.Addresses.DenyFile));
        Assert.Equal(
            new ChallengeLimits
            {
                StartsPerMinute = 1,
                InstancesPerToken = 2,
                WhenTokenFull = TokenFullAction.OldestGoes,
                SessionsPerInstance = 3,
                BytesPerSecond = 64 << 10,
                SessionLength = TimeSpan.FromSeconds(4),
                OpeningAllowance = TimeSpan.FromSeconds(6),
                SendsProxyHeader = true,
            },
            limits);
        Assert.Equal(0.5, gate.WorkCpu);
        Assert.Equal(
            new BanOptions { Failures = 7, Window = TimeSpan.FromSeconds(8), Duration = TimeSpan.FromSeconds(9), Longest = TimeSpan.FromSeconds(10) }, gate.Bans);
    }

    [Fact]
    public void A_challenge_says_what_is_different_for_it_and_the_rest_is_as_for_all()
    {
        var (entry, limits) = ConfigurationFile.Loaded($$"""
            { "instancer": { {{Global}} "challenges": { "c": {
              {{ConfigurationFile.Process}}, "preamble": "binary", "prompt": null, "pow": { "underAttack": 0 }, "rates": { "burst": null }, "quotas": { "instances": 5 },
              "addresses": { "allow": [], "allowFile": null } } } } }
            """).Gate.Challenges["c"];
        Assert.Equal(new GreetingOptions { Form = PreambleForm.Binary, Prompt = null, Refusals = true }, entry.Greeting);
        Assert.Equal((1, 0), (entry.Work.Difficulty, entry.Work.UnderAttack));
        Assert.Equal((1, null), (entry.Rates.PerAddress.PerSecond, entry.Rates.PerAddress.Burst));
        Assert.Equal((5, 1), (limits.InstancesPerToken, limits.StartsPerMinute));
        Assert.Empty(entry.Addresses.Allow);
        Assert.Equal((null, "d"), (entry.Addresses.AllowFile, entry.Addresses.DenyFile));
    }

    [Theory]
    [InlineData("\"pow\": { \"difficulty\": -1 },", "instancer.pow.difficulty: ")]
    [InlineData("\"pow\": { \"difficulty\": 9, \"underAttack\": 8 },", "instancer.pow.underAttack: 8 is below instancer.pow.difficulty, 9")]
    [InlineData("\"pow\": { \"attackAt\": 9, \"calmAt\": 10 },", "instancer.pow.calmAt: 10 is above instancer.pow.attackAt, 9")]
    [InlineData("\"pow\": { \"timeout\": \"24:00:01\" },", "instancer.pow.timeout: ")]
    [InlineData("\"pow\": { \"cpu\": 2 },", "instancer.pow.cpu: ")]
    [InlineData("\"addresses\": { \"deny\": [\"10.0.0.0/33\"] },", "instancer.addresses.deny: \"10.0.0.0/33\" is not a block of addresses")]
    [InlineData("\"addresses\": { \"allow\": [\"example.org\"] },", "instancer.addresses.allow: ")]
    [InlineData("\"rates\": { \"burst\": 3 },", "instancer.rates.burst: of no use without a rate")]
    [InlineData("\"rates\": { \"ipv4Block\": 33 },", "instancer.rates.ipv4Block: ")]
    [InlineData("\"bans\": { \"failures\": 0 },", "instancer.bans.failures: ")]
    [InlineData("\"bans\": { \"duration\": \"02:00:00\", \"longest\": \"01:00:00\" },", "instancer.bans.longest: ")]
    [InlineData("\"quotas\": { \"bytesPerSecond\": \"1\" },", "instancer.quotas.bytesPerSecond: ")]
    [InlineData("\"quotas\": { \"whenFull\": \"youngest-goes\" },", "instancer.quotas.whenFull: ")]
    [InlineData("\"gateway\": { \"preamble\": \"lines\" },", "instancer.gateway.preamble: ")]
    [InlineData("\"gateway\": { \"prompt\": \"\\u00e9\" },", "instancer.gateway.prompt: ")]
    [InlineData("\"gateway\": { \"proxies\": \"10.0.0.1\" },", "instancer.gateway.proxies: ")]
    [InlineData("\"authentication\": { \"url\": \"http://ann:swordfish@example.org/\" },", "instancer.authentication.url: \"http://...@example.org/\" is not a URL")]
    [InlineData("\"authentication\": { \"url\": \"ftp://example.org/\" },", "instancer.authentication.url: ")]
    [InlineData("\"authentication\": { \"url\": \"http://example.org/\", \"whenDown\": \"accept\" },", "instancer.authentication.whenDown: ")]
    [InlineData("\"authentication\": { \"urls\": \"http://example.org/\" },", "instancer.authentication.urls: unknown key; did you mean \"url\"?")]
    [InlineData("\"quotas\": { \"instance\": 1 },", "instancer.quotas.instance: unknown key; did you mean \"instances\"?")]
    public void What_is_wrong_is_said_with_its_path(string options, string error) =>
        Assert.StartsWith(error, Assert.Single(ConfigurationFile.Errors(ConfigurationFile.WithSample(options))), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"pow\": { \"cpu\": 0.5 }", "instancer.challenges.pwn.pow.cpu: it is one budget for all challenges")]
    [InlineData("\"scope\": \"connection\", \"preamble\": \"line\"", "instancer.challenges.pwn.preamble: there is no preamble where the scope is connection")]
    [InlineData("\"bans\": { }", "instancer.challenges.pwn.bans: unknown key")]
    [InlineData("\"tls\": { \"certificate\": \"nowhere.pem\" }", "instancer.challenges.pwn.tls.certificate: \"nowhere.pem\" is not a file")]
    public void A_challenge_cannot_say_everything(string options, string error) =>
        Assert.StartsWith(
            error, Assert.Single(ConfigurationFile.Errors(ConfigurationFile.WithChallenge($"{ConfigurationFile.Process}, {options}"))), StringComparison.Ordinal);
}
