using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Instancer.Gate.Addresses;

namespace Instancer.Gate.Tests.Addresses;

public sealed class BlockSetTests
{
    [Fact]
    public void A_set_contains_what_one_of_its_blocks_contains() => Prop.ForAll(
        Gen.ArrayOf(Generated.Blocks).ToArbitrary(), Gen.ArrayOf(Generated.Addresses, 30).ToArbitrary(), (blocks, addresses) =>
        {
            var set = BlockSet.Of(blocks);
            // Where sets go wrong is at the ends of blocks.
            var numbers = addresses.Select(AddressNumber.Of).Concat(blocks.SelectMany(block => (UInt128[])[block.First, block.Last, block.First - 1, block.Last + 1]));
            return set.Count == blocks.Length && numbers.All(number => set.Contains(number) == blocks.Any(block => block.Contains(number)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void The_empty_set_contains_nothing() => Prop.ForAll(
        Generated.Addresses.ToArbitrary(), address => !BlockSet.Empty.Contains(address)).QuickCheckThrowOnFailure();

    [Fact]
    public void All_of_IPv6_is_none_of_IPv4_and_the_other_way_round()
    {
        var (six, four) = (Set("::/0"), Set("0.0.0.0/0"));
        Assert.True(six.Contains(IPAddress.IPv6Any) && six.Contains(IPAddress.Parse("ffff::1")));
        Assert.False(six.Contains(IPAddress.Any) || six.Contains(IPAddress.Parse("::ffff:10.0.0.1")));
        Assert.True(four.Contains(IPAddress.Any) && four.Contains(IPAddress.Parse("::ffff:255.255.255.255")));
        Assert.False(four.Contains(IPAddress.IPv6Any) || four.Contains(IPAddress.Parse("::1:0:0:0")));
    }

    private static BlockSet Set(params string[] blocks) => BlockSet.Of(blocks.Select(block => AddressBlock.Parse(block).Block!.Value));
}
