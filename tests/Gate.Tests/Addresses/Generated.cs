using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Instancer.Gate.Addresses;

namespace Instancer.Gate.Tests.Addresses;

/// <summary>Addresses and blocks that lie close together, so that they meet, some of them around what IPv4 is mapped to.</summary>
internal static class Generated
{
    private static readonly UInt128[] Places =
        [0, UInt128.MaxValue, AddressNumber.FirstIPv4, AddressNumber.LastIPv4, AddressNumber.FirstIPv4 + 0x0a000000, (UInt128)0x20010db8 << 96];

    /// <summary>An address' number: a few bits away from one of the places.</summary>
    public static Gen<UInt128> Numbers { get; } =
        from place in Gen.Elements(Places)
        from bits in Gen.ListOf(Gen.Choose(0, 127), 2)
        from low in Gen.Choose(-3, 3)
        select unchecked(bits.Aggregate(place, (number, bit) => number ^ (UInt128.One << bit)) + (UInt128)low);

    /// <summary>Addresses, some of them mapped.</summary>
    public static Gen<IPAddress> Addresses { get; } =
        from number in Numbers
        from mapped in ArbMap.Default.GeneratorFor<bool>()
        select mapped ? AddressNumber.ToAddress(number).MapToIPv6() : AddressNumber.ToAddress(number);

    /// <summary>Blocks of any length.</summary>
    public static Gen<AddressBlock> Blocks { get; } =
        from number in Numbers
        from length in Gen.Choose(0, 128)
        select AddressBlock.Around(number, length % 33, length);
}
