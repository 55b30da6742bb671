using System.Net;
using Instancer.Gate.Addresses;
using Instancer.Gate.Options;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace Instancer.Gate.Tests.Addresses;

[Collection(SpeedCollection.Name)]
public sealed class SpeedTests(ITestOutputHelper output) : IDisposable
{
    private const int Blocks = 100_000;
    private const int Addresses = 10_000;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("instancer-speed-");
    private readonly Random _random = new(1);

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Of_a_hundred_thousand_blocks_an_address_is_found_in_less_than_a_microsecond_and_without_memory()
    {
        var set = BlockSet.Of(RandomBlocks());
        Assert.Equal(Blocks, set.Count);
        var addresses = RandomAddresses();
        var found = addresses.Count(set.Contains);
        Assert.InRange(found, 1, Addresses - 1);

        var median = Speed.Of(addresses, wanted: 1000, set.Contains);
        output.WriteLine($"{median:F0} ns a lookup in {Blocks} blocks; {found} of {Addresses} addresses are in one");
        Assert.InRange(median, 0, 1000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var address in addresses)
        {
            set.Contains(address);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void With_everything_on_an_address_is_admitted_in_less_than_two_microseconds()
    {
        File.WriteAllLines(PathOf("deny"), RandomBlocks().Select(block => block.ToString()));
        var bans = BanList.Open(PathOf("bans"), () => new BanOptions { Failures = 1, Longest = TimeSpan.FromDays(1) }, TimeProvider.System, NullLogger.Instance);
        bans.Add(AddressBlock.Parse("198.51.100.0/24").Block!.Value, null, null);
        var addresses = RandomAddresses();
        foreach (var address in addresses.Where((_, i) => i % 100 == 0).Concat(RandomAddresses()))
        {
            bans.NoteFailure(address);
        }

        var limits = new RateLimits { PerSecond = 1_000_000, AtOnce = 1000 };
        var on = new GateOptions
        {
            Addresses = new AddressOptions { Allow = [IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("2000::/3")], DenyFile = PathOf("deny") },
            Rates = new RateOptions { PerAddress = limits, PerBlock = limits, IPv4Prefix = 24 },
        };
        var (off, all) = (Measure(GateOptions.Open), Measure(on));
        output.WriteLine($"Admit: {off:F0} ns with nothing but bans, {all:F0} ns with everything on");
        Assert.InRange(all, 0, 2000);

        double Measure(GateOptions options)
        {
            using var gate = new AddressGate(() => options, bans, TimeProvider.System, NullLogger.Instance);
            return Speed.Of(addresses, wanted: 2000, address => gate.Admit(address).Permit, permit => permit?.Dispose());
        }
    }

    private IEnumerable<AddressBlock> RandomBlocks() => Enumerable.Range(0, Blocks).Select(i => i % 2 == 0
        ? AddressBlock.Around(RandomIPv4(), _random.Next(20, 33), 128)
        : AddressBlock.Around(RandomIPv6(), 32, _random.Next(16, 129)));

    private IPAddress[] RandomAddresses() => [.. Enumerable.Range(0, Addresses).Select(i => AddressNumber.ToAddress(i % 2 == 0 ? RandomIPv4() : RandomIPv6()))];

    private UInt128 RandomIPv4() => AddressNumber.FirstIPv4 + (uint)_random.NextInt64(1L << 32);

    private UInt128 RandomIPv6() => new(0x2000_0000_0000_0000UL | (ulong)_random.NextInt64(1L << 61), (ulong)_random.NextInt64());

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);
}
