using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Instancer.Gate.Parsing;

/// <summary>What a proxy writes: version 2, section 2.2 of HAProxy's proxy-protocol.txt.</summary>
internal static partial class ProxyHeader
{
    private const byte Version2Proxied = 0x21;
    private const byte TcpOverIPv4 = 0x11;
    private const byte TcpOverIPv6 = 0x21;

    /// <summary>The header of a connection that is passed on. A mapped IPv4 address is written as IPv4; if only one end has one, it is written as mapped, because a header has one family.</summary>
    /// <param name="source">The client.</param>
    /// <param name="destination">Where it connected to.</param>
    public static byte[] Write(IPEndPoint source, IPEndPoint destination)
    {
        var (from, to) = (Folded(source.Address), Folded(destination.Address));
        var isIPv4 = from.AddressFamily == AddressFamily.InterNetwork && to.AddressFamily == AddressFamily.InterNetwork;
        if (!isIPv4)
        {
            (from, to) = (from.MapToIPv6(), to.MapToIPv6());
        }

        var header = new byte[HeadLength + (isIPv4 ? IPv4Length : IPv6Length)];
        Signature.CopyTo(header);
        header[12] = Version2Proxied;
        header[13] = isIPv4 ? TcpOverIPv4 : TcpOverIPv6;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(14), (ushort)(header.Length - HeadLength));
        var rest = header.AsSpan(HeadLength);
        from.TryWriteBytes(rest, out var written);
        to.TryWriteBytes(rest[written..], out _);
        BinaryPrimitives.WriteUInt16BigEndian(rest[(2 * written)..], (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(rest[((2 * written) + sizeof(ushort))..], (ushort)destination.Port);
        return header;
    }

    private static IPAddress Folded(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
