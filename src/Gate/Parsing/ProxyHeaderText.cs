using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Instancer.Gate.Parsing;

/// <summary>Addresses and numbers in a header of version 1, in the forms that section 2.1 allows and no other.</summary>
internal static class ProxyHeaderText
{
    /// <summary>The longest form of an IPv6 address, in bytes: one that ends in an IPv4 address.</summary>
    private const int LongestIPv6 = 45;

    // The system's own reader would take brackets, ports, prefixes and zones as well: none of them without another character.
    private static readonly SearchValues<byte> OfIPv6 = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    /// <summary>A number in decimal digits, without a sign or a zero in front; null if it is none, or larger than <paramref name="largest"/>.</summary>
    public static int? Number(ReadOnlySpan<byte> text, int largest)
    {
        if (text.IsEmpty || text.Length > 5 || (text[0] == '0' && text.Length > 1))
        {
            return null;
        }

        var number = 0;
        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return null;
            }

            number = (10 * number) + (digit - '0');
        }

        return number <= largest ? number : null;
    }

    /// <summary>An address; null if it is none of this family.</summary>
    public static IPAddress? Address(ReadOnlySpan<byte> text, AddressFamily family) => family switch
    {
        AddressFamily.InterNetwork => IPv4(text),
        AddressFamily.InterNetworkV6 => IPv6(text),
        _ => null,
    };

    // The system's own reader would take 1.2, 0x7f.1 and 010.0.0.1 as well.
    private static IPAddress? IPv4(ReadOnlySpan<byte> text)
    {
        Span<byte> bytes = stackalloc byte[4];
        for (var i = 0; i < bytes.Length; i++)
        {
            var dot = i == bytes.Length - 1 ? text.Length : text.IndexOf((byte)'.');
            if (dot < 0 || Number(text[..dot], byte.MaxValue) is not { } number)
            {
                return null;
            }

            bytes[i] = (byte)number;
            text = text[Math.Min(dot + 1, text.Length)..];
        }

        return new IPAddress(bytes);
    }

    private static IPAddress? IPv6(ReadOnlySpan<byte> text)
    {
        if (text.Length > LongestIPv6 || text.ContainsAnyExcept(OfIPv6) || !text.Contains((byte)':'))
        {
            return null;
        }

        Span<char> characters = stackalloc char[text.Length];
        Encoding.ASCII.GetChars(text, characters);
        return IPAddress.TryParse(characters, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? address : null;
    }
}
