using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Instancer.Gateway.Configuration;

/// <summary>Collects everything that is wrong with a configuration, so that all of it is reported at once.</summary>
internal sealed partial class ConfigurationErrors
{
    private const int LongestShownValue = 80;

    private readonly List<string> _lines = [];

    /// <summary>One line per error, in the order they were found.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>A value that is not what its option takes.</summary>
    public void Value(string path, string value, string noun, string allowed) =>
        Add(path, $"{Show(value)} is not {noun}; allowed: {allowed}");

    /// <summary>Anything else that is wrong at a path.</summary>
    public void Add(string path, string message) => _lines.Add($"{path}: {message}");

    /// <summary>A value in quotes, kept to one line and to a length that can be read, and without the password that a URL may have.</summary>
    public static string Show(string value)
    {
        value = Credentials().Replace(value, "//...@");
        var shown = new StringBuilder("\"");
        foreach (var c in value.Length > LongestShownValue ? value[..LongestShownValue] + "..." : value)
        {
            if (char.IsControl(c) || char.IsSurrogate(c))
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                shown.Append(c);
            }
        }

        return shown.Append('"').ToString();
    }

    [GeneratedRegex("//[^/?#]*@")]
    private static partial Regex Credentials();
}
