using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace Instancer.Gate.Work;

/// <summary>
/// Challenges and solutions as text, as the field's solvers read and write them: <c>s.</c>, base64 (RFC 4648, section 4) of the difficulty, <c>.</c>, base64 of the start; and <c>s.</c>, base64 of the
/// solution. All numbers are big-endian. Read is what either of the two encoders makes: numbers without zeros in front, of a fixed length, or padded to a multiple of 3 bytes. Never faulted.
/// </summary>
internal static class WorkCodec
{
    /// <summary>The longest text of a solution: of 162 bytes, the next multiple of 3 above 1279 bits.</summary>
    public const int LongestSolution = 2 + (LongestNumber / 3 * 4);

    private const int LongestNumber = 162;
    private const int StartLength = 16;
    private static readonly SearchValues<byte> Base64Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8);

    /// <summary>A challenge's text: 4 bytes of difficulty, 16 of start.</summary>
    public static string Text(WorkChallenge challenge)
    {
        Span<byte> difficulty = stackalloc byte[sizeof(uint)];
        Span<byte> start = stackalloc byte[StartLength];
        BinaryPrimitives.WriteInt32BigEndian(difficulty, challenge.Difficulty);
        BinaryPrimitives.WriteUInt128BigEndian(start, challenge.Start);
        return $"s.{Convert.ToBase64String(difficulty)}.{Convert.ToBase64String(start)}";
    }

    /// <summary>A solution's text, without zeros in front.</summary>
    public static string Text(in Residue solution)
    {
        Span<byte> bytes = stackalloc byte[Residue.Length];
        solution.Write(bytes);
        return $"s.{Convert.ToBase64String(bytes.TrimStart((byte)0))}";
    }

    /// <summary>Reads a challenge, with spaces around it or not; false if it is none, or its difficulty is 0 or above 2^31 - 1, or its start above 2^128 - 1.</summary>
    public static bool TryParseChallenge(ReadOnlySpan<byte> text, out WorkChallenge challenge)
    {
        challenge = default;
        Span<byte> number = stackalloc byte[LongestNumber];
        if (!TryTakeVersion(text, out var fields) || fields.IndexOf((byte)'.') is not (>= 0 and var dot))
        {
            return false;
        }

        if (!TryDecode(fields[..dot], number, out var length) || !TryRead(number[..length], out var difficulty) || difficulty > int.MaxValue || difficulty == 0
            || !TryDecode(fields[(dot + 1)..], number, out length) || !TryRead(number[..length], out var start))
        {
            return false;
        }

        challenge = new WorkChallenge((int)difficulty, start);
        return true;
    }

    /// <summary>Reads a solution, with spaces around it or not; false if it is none, or has more than 1279 bits.</summary>
    public static bool TryParseSolution(ReadOnlySpan<byte> text, out Residue solution)
    {
        solution = default;
        Span<byte> number = stackalloc byte[LongestNumber];
        return TryTakeVersion(text, out var field) && TryDecode(field, number, out var length) && Residue.TryRead(number[..length], out solution);
    }

    /// <inheritdoc cref="TryParseChallenge(ReadOnlySpan{byte}, out WorkChallenge)"/>
    public static bool TryParseChallenge(string text, out WorkChallenge challenge) => TryParseChallenge(Encoding.UTF8.GetBytes(text), out challenge);

    private static bool TryTakeVersion(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> rest)
    {
        rest = text.Trim(" \t\r\n"u8);
        var isKnown = rest.StartsWith("s."u8);
        rest = isKnown ? rest[2..] : default;
        return isKnown;
    }

    private static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> bytes, out int length)
    {
        length = 0;
        var characters = text.TrimEnd((byte)'=');

        // The decoder passes over white space and takes what is too long in part: neither is wanted.
        return text.Length % 4 == 0 && text.Length - characters.Length <= 2 && text.Length <= LongestNumber / 3 * 4
            && !characters.ContainsAnyExcept(Base64Characters)
            && Base64.DecodeFromUtf8(text, bytes, out _, out length) == OperationStatus.Done;
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, out UInt128 value)
    {
        bytes = bytes.TrimStart((byte)0);
        value = 0;
        if (bytes.Length > StartLength)
        {
            return false;
        }

        foreach (var next in bytes)
        {
            value = (value << 8) | next;
        }

        return true;
    }
}
