using System.Buffers.Text;
using Instancer.Actors.Connections;

namespace Instancer.Gate.Tokens;

/// <summary>Decodes base64url in the same time whatever it is given: the framework's decoder stops at the first character that does not belong, which shows in the time of a check.</summary>
internal static class TokenDecoder
{
    private const byte NoDigit = 0x80;

    private static readonly byte[] Values = ValuesOfDigits();
    private static readonly byte[] Nothing = new byte[Preamble.TokenLength];

    /// <summary>Decodes a token; false if it is not 128 digits, and then the bytes mean nothing.</summary>
    /// <param name="token">The token.</param>
    /// <param name="bytes">Where its 96 bytes go.</param>
    public static bool TryDecode(ReadOnlySpan<byte> token, Span<byte> bytes)
    {
        var text = token.Length == Preamble.TokenLength ? token : Nothing;
        var all = 0;
        for (int from = 0, to = 0; from < Preamble.TokenLength; from += 4, to += 3)
        {
            int a = Values[text[from]], b = Values[text[from + 1]], c = Values[text[from + 2]], d = Values[text[from + 3]];
            all |= a | b | c | d;
            bytes[to] = (byte)((a << 2) | (b >> 4));
            bytes[to + 1] = (byte)((b << 4) | (c >> 2));
            bytes[to + 2] = (byte)((c << 6) | d);
        }

        return all < NoDigit;
    }

    private static byte[] ValuesOfDigits()
    {
        var values = new byte[256];
        Array.Fill(values, NoDigit);
        Span<byte> bytes = stackalloc byte[3];
        Span<byte> digits = stackalloc byte[4];
        for (byte value = 0; value < 64; value++)
        {
            bytes[2] = value;
            Base64Url.EncodeToUtf8(bytes, digits);
            values[digits[3]] = value;
        }

        return values;
    }
}
