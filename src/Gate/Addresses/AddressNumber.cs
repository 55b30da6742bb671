using System.Buffers.Binary;
using System.Net;

namespace Instancer.Gate.Addresses;

/// <summary>
/// Addresses as numbers of 128 bits: IPv6 as it is, IPv4 as the IPv6 address that it is mapped to (RFC 4291, section 2.5.5.2), so that a mapped address and
/// what it is mapped from are the same number. An IPv6 scope does not count.
/// </summary>
internal static class AddressNumber
{
    /// <summary>How many bits come before those of an IPv4 address.</summary>
    public const int MappedPrefix = 96;

    private const int IPv4Bits = 32;
    private const uint MappedMark = 0xffff;

    /// <summary>The number of 0.0.0.0.</summary>
    public static UInt128 FirstIPv4 { get; } = (UInt128)MappedMark << IPv4Bits;

    /// <summary>The number of 255.255.255.255.</summary>
    public static UInt128 LastIPv4 { get; } = FirstIPv4 | uint.MaxValue;

    /// <summary>The number of an address.</summary>
    public static UInt128 Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return length == sizeof(uint) ? FirstIPv4 | BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>Whether it is that of an IPv4 address, mapped or not.</summary>
    public static bool IsIPv4(UInt128 number) => number >> IPv4Bits == MappedMark;

    /// <summary>The address of a number; an IPv4 address where it is that of one.</summary>
    public static IPAddress ToAddress(UInt128 number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new IPAddress(IsIPv4(number) ? bytes[^sizeof(uint)..] : bytes);
    }
}
