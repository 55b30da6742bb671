using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Instancer.Gate.Addresses;

namespace Instancer.Gate.Tests.Addresses;

public sealed class AddressBlockTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.1/32", "192.0.2.1")]
    [InlineData("198.51.100.0/24", "198.51.100.0/24")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("::/0", "::/0")]
    [InlineData("2001:DB8:0:0::/32", "2001:db8::/32")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.0/8")]
    [InlineData("::ffff:0:0/96", "0.0.0.0/0")]
    public void A_block_is_read_and_written(string text, string written)
    {
        var (block, error) = AddressBlock.Parse(text);
        Assert.Null(error);
        Assert.Equal(written, block.ToString());
        Assert.Equal(block, AddressBlock.Parse(written).Block);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/8")]
    [InlineData("10")]
    [InlineData("10.1")]
    [InlineData("010.0.0.1")]
    [InlineData("0x0a.0.0.1")]
    [InlineData("10.0.0.256")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("2001:db8::/129")]
    [InlineData("[2001:db8::1]")]
    [InlineData("[2001:db8::1]:80")]
    [InlineData("fe80::1%lo")]
    [InlineData("example.org")]
    public void Anything_else_is_no_block(string text)
    {
        var (block, error) = AddressBlock.Parse(text);
        Assert.Null(block);
        Assert.NotEmpty(error!);
    }

    [Fact]
    public void Bits_beyond_the_prefix_are_an_error_that_says_which_block_is_meant() =>
        Assert.Equal("bits are set beyond the prefix; the block is 10.0.0.0/8", AddressBlock.Parse("10.0.0.1/8").Error);

    [Fact]
    public void No_text_whatever_throws() => Prop.ForAll(
        ArbMap.Default.ArbFor<string>(), text => AddressBlock.Parse(text ?? "").Block is null == AddressBlock.Parse(text ?? "").Error is not null).QuickCheckThrowOnFailure();

    [Fact]
    public void A_block_is_the_network_that_the_framework_reads_in_it() => Prop.ForAll(Generated.Blocks.ToArbitrary(), block =>
    {
        var text = block.ToString();
        var network = IPNetwork.Parse(text.Contains('/', StringComparison.Ordinal) ? text : $"{text}/{(block.IsIPv4 ? 32 : 128)}");
        return AddressBlock.Of(network) == block && AddressBlock.Parse(text).Block == block;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void A_block_contains_what_the_framework_says() => Prop.ForAll(Generated.Blocks.ToArbitrary(), Generated.Addresses.ToArbitrary(), (block, address) =>
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var text = block.ToString();
        var network = IPNetwork.Parse(text.Contains('/', StringComparison.Ordinal) ? text : $"{text}/{(block.IsIPv4 ? 32 : 128)}");
        return block.Contains(AddressNumber.Of(address)) == network.Contains(plain);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void An_address_is_read_back_from_its_number_and_one_that_is_mapped_is_what_it_is_mapped_from() => Prop.ForAll(
        Generated.Addresses.ToArbitrary(),
        address => AddressNumber.ToAddress(AddressNumber.Of(address)).Equals(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
            && AddressNumber.Of(address) == AddressNumber.Of(address.MapToIPv6())).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
}
