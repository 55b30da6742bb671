using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Instancer.Gate.Addresses;

/// <summary>A block of addresses that have their first bits in common (CIDR, RFC 4632). An IPv6 block has no IPv4 addresses in it, not even <c>::/0</c>.</summary>
internal readonly record struct AddressBlock
{
    private const int Bits = 128;

    private AddressBlock(UInt128 first, int length) => (First, Length) = (first, length);

    /// <summary>The first address' number.</summary>
    public UInt128 First { get; }

    /// <summary>How many of the number's bits all have in common: for IPv4, 96 more than in <c>10.0.0.0/8</c>.</summary>
    public int Length { get; }

    /// <summary>The last address' number.</summary>
    public UInt128 Last => First | HostBits(Length);

    /// <summary>Whether it is one of IPv4 addresses.</summary>
    public bool IsIPv4 => Length >= AddressNumber.MappedPrefix && AddressNumber.IsIPv4(First);

    /// <summary>The block that a network is.</summary>
    public static AddressBlock Of(IPNetwork network) => Of(
        AddressNumber.Of(network.BaseAddress), network.PrefixLength + (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? AddressNumber.MappedPrefix : 0));

    /// <summary>The block around an address.</summary>
    /// <param name="number">The address.</param>
    /// <param name="prefixOfIPv4">The length of its prefix if it is an IPv4 address.</param>
    /// <param name="prefixOfIPv6">The length if it is not.</param>
    public static AddressBlock Around(UInt128 number, int prefixOfIPv4, int prefixOfIPv6) =>
        Of(number, AddressNumber.IsIPv4(number) ? AddressNumber.MappedPrefix + prefixOfIPv4 : prefixOfIPv6);

    /// <summary>
    /// Reads <c>192.0.2.1</c>, <c>198.51.100.0/24</c>, <c>2001:db8::/32</c> or <c>::ffff:10.0.0.0/104</c>. Stricter than <see cref="IPNetwork"/>, which reads
    /// <c>10.1/16</c> and <c>010.0.0.0/8</c> (octal) as well, and not as most people do.
    /// </summary>
    /// <returns>The block, or what is wrong with the text.</returns>
    public static (AddressBlock? Block, string? Error) Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (ParseAddress(slash < 0 ? text : text[..slash]) is not { } address)
        {
            return (null, "not an address or block such as 192.0.2.1, 198.51.100.0/24 or 2001:db8::/32");
        }

        var mapped = address.AddressFamily == AddressFamily.InterNetwork ? AddressNumber.MappedPrefix : 0;
        var length = Bits - mapped;
        if (slash >= 0 && (!int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > Bits - mapped))
        {
            return (null, $"the prefix's length is not 0 to {Bits - mapped}");
        }

        var number = AddressNumber.Of(address);
        var block = Of(number, mapped + length);
        return block.First == number ? (block, null) : (null, $"bits are set beyond the prefix; the block is {block}");
    }

    /// <summary>The same block; of IPv4 addresses where it is one of those.</summary>
    public IPNetwork ToNetwork() => new(AddressNumber.ToAddress(First), IsIPv4 ? Length - AddressNumber.MappedPrefix : Length);

    /// <summary>Whether an address is in it.</summary>
    public bool Contains(UInt128 number) => number >= First && number <= Last && IsIPv4 == AddressNumber.IsIPv4(number);

    /// <summary>The text that <see cref="Parse"/> reads; without the prefix's length where it is one address.</summary>
    public override string ToString() => Length == Bits
        ? $"{AddressNumber.ToAddress(First)}"
        : string.Create(CultureInfo.InvariantCulture, $"{AddressNumber.ToAddress(First)}/{(IsIPv4 ? Length - AddressNumber.MappedPrefix : Length)}");

    private static AddressBlock Of(UInt128 number, int length) => new(number & ~HostBits(length), length);

    // A shift by 128 bits shifts by none.
    private static UInt128 HostBits(int length) => length == Bits ? UInt128.Zero : UInt128.MaxValue >> length;

    private static IPAddress? ParseAddress(string text) =>
        text.AsSpan().ContainsAny("[]%") || !IPAddress.TryParse(text, out var address)
        || (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != text)
            ? null
            : address;
}
