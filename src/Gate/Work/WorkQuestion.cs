using System.Text;

namespace Instancer.Gate.Work;

/// <summary>
/// How a client is asked, in the wording of redpwn's jail, which players' scripts wait for: a line, a line with the command that prints the solution, and what the solution is typed behind. The
/// solution ends with a line feed.
/// </summary>
internal static class WorkQuestion
{
    /// <summary>The longest question that is understood, in bytes; those that are asked have 110.</summary>
    public const int Longest = 512;

    /// <summary>The longest answer, its line feed included, in bytes: room for spaces that a terminal adds.</summary>
    public const int LongestAnswer = WorkCodec.LongestSolution + 32;

    /// <summary>How a question begins.</summary>
    public static ReadOnlySpan<byte> Beginning => "proof of work:"u8;

    private static ReadOnlySpan<byte> End => "\nsolution: "u8;

    /// <summary>The question as it is sent.</summary>
    public static byte[] Text(WorkChallenge challenge) =>
        Encoding.ASCII.GetBytes($"proof of work:\ncurl -sSfL https://pwn.red/pow | sh -s {WorkCodec.Text(challenge)}\nsolution: ");

    /// <summary>Whether the question is complete: nothing more comes before it is answered.</summary>
    public static bool IsComplete(ReadOnlySpan<byte> text) => text.EndsWith(End);

    /// <summary>Reads a complete question; false if it is another text. Never faulted.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out WorkChallenge challenge)
    {
        challenge = default;
        if (text.Length > Longest || !text.StartsWith(Beginning) || !IsComplete(text))
        {
            return false;
        }

        // The command's last word.
        var command = text[..^End.Length];
        return WorkCodec.TryParseChallenge(command[(command.LastIndexOfAny((byte)' ', (byte)'\n') + 1)..], out challenge);
    }
}
