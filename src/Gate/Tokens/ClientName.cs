using System.Text;

namespace Instancer.Gate.Tokens;

/// <summary>The names that clients may have, wherever they come from: they stand in logs, lists and lines of files.</summary>
internal static class ClientName
{
    /// <summary>How many characters a name may have.</summary>
    public const int Longest = 64;

    /// <summary>What is allowed, for errors.</summary>
    public const string Allowed = "1 to 64 printable ASCII characters, no space, no # in front";

    /// <summary>Whether this is a name: 1 to 64 printable ASCII characters without space, the first of them no <c>#</c>.</summary>
    public static bool IsValid(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= Longest && name[0] != (byte)'#' && !name.ContainsAnyExceptInRange((byte)'!', (byte)'~');

    /// <summary>The same of text.</summary>
    public static bool IsValid(string name) => name.Length <= Longest && Ascii.IsValid(name) && IsValid(Encoding.ASCII.GetBytes(name));
}
