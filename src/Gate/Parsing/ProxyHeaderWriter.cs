using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Instancer.Gate.Parsing;

/// <summary>The header of the PROXY protocol, version 2, as a proxy sends it: section 2.2 of HAProxy's proxy-protocol.txt.</summary>
internal static class ProxyHeader
{
    private const byte Version2Proxied = 0x21;
    private const byte TcpOverIPv4 = 0x11;
    private const byte TcpOverIPv6 = 0x21;
    private const int HeadLength = 16;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>The header of a connection. A mapped IPv4 address is written as IPv4; if only one of the two is IPv6, the other is mapped to it.</summary>
    /// <param name="source">The client.</param>
    /// <param name="destination">What it connected to.</param>
    public static byte[] Write(IPEndPoint source, IPEndPoint destination)
    {
        var (from, to) = (Unmapped(source.Address), Unmapped(destination.Address));
        var isIPv4 = from.AddressFamily == AddressFamily.InterNetwork && to.AddressFamily == AddressFamily.InterNetwork;
        if (!isIPv4)
        {
            (from, to) = (from.MapToIPv6(), to.MapToIPv6());
        }

        byte[] addresses = [.. from.GetAddressBytes(), .. to.GetAddressBytes()];
        var length = addresses.Length + (2 * sizeof(ushort));
        var header = new byte[HeadLength + length];
        Signature.CopyTo(header);
        header[12] = Version2Proxied;
        header[13] = isIPv4 ? TcpOverIPv4 : TcpOverIPv6;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(14), (ushort)length);
        addresses.CopyTo(header, HeadLength);
        var ports = header.AsSpan(HeadLength + addresses.Length);
        BinaryPrimitives.WriteUInt16BigEndian(ports, (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(ports[sizeof(ushort)..], (ushort)destination.Port);
        return header;
    }

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
