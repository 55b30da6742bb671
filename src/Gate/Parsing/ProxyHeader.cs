using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Instancer.Gate.Parsing;

/// <summary>
/// The header of the PROXY protocol, which says before the first byte of a connection where it comes from: version 1 (a line of text) and version 2 (binary), as sections 2.1 and 2.2 of
/// HAProxy's proxy-protocol.txt (2020/03/05) have them. Knows no socket: it is shown what has come, and says how much is still missing. Never throws, whatever the bytes.
/// </summary>
internal static partial class ProxyHeader
{
    /// <summary>
    /// The longest header that is taken, in bytes. The addresses take 52, and what senders add to them a few hundred; the protocol asks of nobody to take more than fits a first segment, 536.
    /// </summary>
    public const int Longest = 2048;

    /// <summary>The longest line of version 1 with its end, in bytes: section 2.1.</summary>
    private const int LongestLine = 107;

    /// <summary>The shortest header of either version, <c>PROXY UNKNOWN</c> with its line's end: so much may be read whatever it turns out to be.</summary>
    private const int Shortest = 15;

    /// <summary>How many bytes of version 2 come before the addresses.</summary>
    private const int HeadLength = 16;
    private const int IPv4Length = 12;
    private const int IPv6Length = 36;

    /// <summary>How a header of version 2 begins.</summary>
    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>How a header of version 1 begins.</summary>
    private static ReadOnlySpan<byte> Word => "PROXY "u8;

    /// <summary>Looks at the beginning of a connection, as far as it has come.</summary>
    /// <param name="bytes">All that has come since the connection was made; what is behind the header is not looked at.</param>
    public static ProxyHeaderStep Read(ReadOnlySpan<byte> bytes) =>
        bytes.Length < Shortest ? new ProxyHeaderStep.More(Shortest - bytes.Length)
        : bytes.StartsWith(Signature) ? ReadBinary(bytes)
        : bytes.StartsWith(Word) ? ReadLine(bytes[..Math.Min(bytes.Length, LongestLine)])
        : new ProxyHeaderStep.Invalid("it does not begin with a PROXY header");

    private static ProxyHeaderStep ReadBinary(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadLength)
        {
            return new ProxyHeaderStep.More(HeadLength - bytes.Length);
        }

        var length = HeadLength + BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        var (version, command, family, transport) = (bytes[12] >> 4, bytes[12] & 0xF, bytes[13] >> 4, bytes[13] & 0xF);
        if (version != 2 || command > 1 || family > 3 || transport > 2)
        {
            return new ProxyHeaderStep.Invalid("its PROXY header is of a version, a command or a family that nobody knows");
        }

        // Of what is neither TCP nor over IP, and of the proxy's own connections, the address is the one that they really have.
        var hasSource = command == 1 && transport == 1 && family is 1 or 2;
        var addresses = !hasSource ? 0 : family == 1 ? IPv4Length : IPv6Length;
        return length > Longest ? new ProxyHeaderStep.Invalid($"its PROXY header says that it has {length} bytes, and that is too many")
            : length < HeadLength + addresses ? new ProxyHeaderStep.Invalid("its PROXY header is too short for the addresses")
            : length > bytes.Length ? new ProxyHeaderStep.More(length - bytes.Length)
            : new ProxyHeaderStep.Complete(length, hasSource ? SourceOf(bytes.Slice(HeadLength, addresses)) : null);
    }

    private static IPEndPoint SourceOf(ReadOnlySpan<byte> addresses)
    {
        // Two addresses, then two ports; the source's come first.
        var address = (addresses.Length - (2 * sizeof(ushort))) / 2;
        return new IPEndPoint(Folded(new IPAddress(addresses[..address])), BinaryPrimitives.ReadUInt16BigEndian(addresses[(2 * address)..]));
    }

    private static ProxyHeaderStep ReadLine(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n"u8);
        if (end >= 0)
        {
            return ReadFields(bytes[Word.Length..end], end + 2);
        }

        // What ends the line are two bytes, so it is never read beyond: unless the first of them is there, both are missing.
        var missing = bytes[^1] == '\r' ? 1 : 2;
        return bytes.Length + missing <= LongestLine
            ? new ProxyHeaderStep.More(missing)
            : new ProxyHeaderStep.Invalid($"its PROXY header is a line of more than {LongestLine} bytes");
    }

    private static ProxyHeaderStep ReadFields(ReadOnlySpan<byte> line, int length)
    {
        // Whatever else an unknown one says is to be ignored.
        var word = Next(ref line);
        if (word.SequenceEqual("UNKNOWN"u8))
        {
            return new ProxyHeaderStep.Complete(length, Source: null);
        }

        var family = word.SequenceEqual("TCP4"u8) ? AddressFamily.InterNetwork : word.SequenceEqual("TCP6"u8) ? AddressFamily.InterNetworkV6 : AddressFamily.Unknown;
        var source = ProxyHeaderText.Address(Next(ref line), family);
        var destination = ProxyHeaderText.Address(Next(ref line), family);
        var port = ProxyHeaderText.Number(Next(ref line), ushort.MaxValue);
        return source is not null && destination is not null && port is not null && ProxyHeaderText.Number(line, ushort.MaxValue) is not null
            ? new ProxyHeaderStep.Complete(length, new IPEndPoint(Folded(source), port.Value))
            : new ProxyHeaderStep.Invalid("its PROXY header is a line that makes no sense");
    }

    /// <summary>The field up to the next space, which is taken too.</summary>
    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> line)
    {
        var space = line.IndexOf((byte)' ');
        var field = space < 0 ? line : line[..space];
        line = space < 0 ? [] : line[(space + 1)..];
        return field;
    }
}
