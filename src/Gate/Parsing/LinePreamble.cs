using System.Buffers.Binary;
using Instancer.Actors.Connections;

namespace Instancer.Gate.Parsing;

/// <summary>
/// A preamble that can be typed: <c>TOKEN [ID]</c> and the end of the line, with or without a carriage return. The token is its 128 bytes, printable ASCII without a space; the identifier
/// is one to five decimal digits, at most 65535, and 1 if it is left out. Knows no socket, like <see cref="ProxyHeader"/>, and never throws, whatever the bytes.
/// </summary>
internal static class LinePreamble
{
    /// <summary>The longest line with its end, in bytes.</summary>
    public const int Longest = Preamble.TokenLength + 1 + MostDigits + 2;

    /// <summary>The identifier of a line that has none.</summary>
    public const ushort DefaultIdentifier = 1;

    private const int MostDigits = 5;

    /// <summary>Looks at the beginning of a line, as far as it has come.</summary>
    /// <param name="bytes">All that has come of it; what is behind the line is not looked at.</param>
    public static LinePreambleStep Read(ReadOnlySpan<byte> bytes)
    {
        var token = bytes[..Math.Min(bytes.Length, Preamble.TokenLength)];
        if (token.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            return LinePreambleStep.Malformed.Instance;
        }

        // The shortest end there is is one byte.
        if (bytes.Length <= Preamble.TokenLength)
        {
            return new LinePreambleStep.More(Preamble.TokenLength + 1 - bytes.Length);
        }

        var rest = bytes[Preamble.TokenLength..];
        return rest[0] == ' ' ? ReadIdentifier(token, rest[1..]) : ReadEnd(token, DefaultIdentifier, rest, Preamble.TokenLength);
    }

    private static LinePreambleStep ReadIdentifier(ReadOnlySpan<byte> token, ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var digits = rest[..(end < 0 ? rest.Length : end)];
        if (digits.Length > MostDigits || end == 0)
        {
            return LinePreambleStep.Malformed.Instance;
        }

        if (end < 0)
        {
            // After a digit the line may end with the next byte; before one it cannot.
            return new LinePreambleStep.More(digits.IsEmpty ? 2 : 1);
        }

        var identifier = 0;
        foreach (var digit in digits)
        {
            identifier = (10 * identifier) + (digit - '0');
        }

        return identifier > ushort.MaxValue
            ? LinePreambleStep.Malformed.Instance
            : ReadEnd(token, (ushort)identifier, rest[end..], Preamble.TokenLength + 1 + digits.Length);
    }

    private static LinePreambleStep ReadEnd(ReadOnlySpan<byte> token, ushort identifier, ReadOnlySpan<byte> rest, int before)
    {
        var end = rest[0] == '\r' ? 2 : 1;
        if (rest.Length < end)
        {
            return new LinePreambleStep.More(1);
        }

        if (rest[end - 1] != '\n')
        {
            return LinePreambleStep.Malformed.Instance;
        }

        var preamble = new byte[Preamble.Length];
        token.CopyTo(preamble);
        BinaryPrimitives.WriteUInt16BigEndian(preamble.AsSpan(Preamble.TokenLength), identifier);
        return new LinePreambleStep.Complete(before + end, new Preamble(preamble));
    }
}
