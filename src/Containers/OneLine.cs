using System.Text;

namespace Instancer.Containers;

/// <summary>Makes text that others wrote fit for a reason or a log: one line, no control characters, bounded.</summary>
internal static class OneLine
{
    /// <summary>How many characters are kept, unless it is said otherwise.</summary>
    public const int MaxLength = 300;

    public static string Of(string text) => Of(text, MaxLength);

    public static string Of(string text, int maxLength)
    {
        var line = new StringBuilder(Math.Min(text.Length, maxLength));
        foreach (var character in text)
        {
            var blank = char.IsControl(character) || char.IsWhiteSpace(character) || character is '\u2028' or '\u2029';
            if (!blank)
            {
                line.Append(character);
            }
            else if (line.Length > 0 && line[^1] != ' ')
            {
                line.Append(' ');
            }

            if (line.Length >= maxLength)
            {
                return line.ToString().TrimEnd() + "…";
            }
        }

        return line.ToString().TrimEnd();
    }

    /// <summary>The last line of <paramref name="text"/> that says something; empty if none does.</summary>
    public static string Last(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Select(line => Of(line)).LastOrDefault(line => line.Length > 0) ?? "";
    }
}
