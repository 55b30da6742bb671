using System.Net;
using System.Net.Sockets;

namespace Instancer.Gateway.Net.Linux;

/// <summary>An address as the system calls take it.</summary>
internal static class SocketAddressBytes
{
    /// <summary>Room for an address of either family.</summary>
    public const int Length = 28;

    /// <summary>The family's number in Linux.</summary>
    public static int Domain(AddressFamily family) => family == AddressFamily.InterNetworkV6 ? 10 : 2;

    /// <summary>The bytes of <paramref name="endPoint"/>.</summary>
    public static Span<byte> Of(IPEndPoint endPoint)
    {
        var address = endPoint.Serialize();
        return address.Buffer.Span[..address.Size];
    }

    /// <summary>Reads what a system call wrote; an IPv4 client of an IPv6 listener is given as IPv4.</summary>
    public static IPEndPoint Parse(ReadOnlySpan<byte> bytes)
    {
        var port = (bytes[2] << 8) | bytes[3];
        if (bytes.Length < Length)
        {
            return new IPEndPoint(new IPAddress(bytes.Slice(4, 4)), port);
        }

        var address = new IPAddress(bytes.Slice(8, 16), BitConverter.ToUInt32(bytes[24..28]));
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);
    }
}
