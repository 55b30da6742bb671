using System.Buffers.Text;

namespace Instancer.Gateway.Commands;

/// <summary>The sample's answers: <c>N enil</c> and a line end.</summary>
internal static class ReversedLine
{
    /// <summary>The answer to a line: its characters in reverse order, where those of UTF-8 stay whole.</summary>
    public static byte[] Of(long count, ReadOnlySpan<byte> line)
    {
        line = line.EndsWith("\r"u8) ? line[..^1] : line;
        Span<byte> number = stackalloc byte[20];
        Utf8Formatter.TryFormat(count, number, out var digits);
        var answer = new byte[digits + 1 + line.Length + 1];
        number[..digits].CopyTo(answer);
        answer[digits] = (byte)' ';
        answer[^1] = (byte)'\n';
        Reverse(line, answer.AsSpan(digits + 1, line.Length));
        return answer;
    }

    private static void Reverse(ReadOnlySpan<byte> line, Span<byte> reversed)
    {
        line.CopyTo(reversed);
        reversed.Reverse();

        // Bytes 10xxxxxx follow the first byte of their character; reversed they come before it, and are turned round once more.
        var first = 0;
        for (var i = 0; i < reversed.Length; i++)
        {
            if ((reversed[i] & 0xC0) != 0x80)
            {
                reversed[first..(i + 1)].Reverse();
                first = i + 1;
            }
        }
    }
}
