using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Instancer.Gateway.Net.Tls;

/// <summary>
/// Which challenge a client wants, by the name that it asks for (SNI: RFC 6066, 3). Names are compared without regard to case, and as ASCII: <c>bücher.example</c> is
/// <c>xn--bcher-kva.example</c>. <c>*.example.org</c> stands for all names with one label before it, and for no other (RFC 9525, 6.3); a name of its own comes before it.
/// </summary>
internal sealed class TlsNames
{
    private const string Wildcard = "*.";

    private readonly FrozenDictionary<string, string> _exact;
    private readonly FrozenDictionary<string, string> _underneath;
    private readonly string? _default;

    private TlsNames(Dictionary<string, string> exact, Dictionary<string, string> underneath, string? defaultChallenge)
    {
        _exact = exact.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _underneath = underneath.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _default = defaultChallenge;
    }

    /// <summary>Makes one.</summary>
    /// <param name="names">Each name with its challenge.</param>
    /// <param name="defaultChallenge">Whose a client is that asks for no name, or for one that nobody has; null for nobody's.</param>
    /// <param name="result">The names; null if there is a problem.</param>
    /// <param name="problem">What is wrong, in one line; null if nothing is.</param>
    public static bool TryCreate(
        IEnumerable<(string Name, string Challenge)> names, string? defaultChallenge, [NotNullWhen(true)] out TlsNames? result, [NotNullWhen(false)] out string? problem)
    {
        result = null;
        var exact = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var underneath = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, challenge) in names)
        {
            var isWildcard = name.StartsWith(Wildcard, StringComparison.Ordinal);
            if (ToAscii(isWildcard ? name[Wildcard.Length..] : name) is not { } ascii)
            {
                problem = $"'{name}' is no host name; allowed: a name such as web.example.org, or *.example.org for all names with one label before it";
                return false;
            }

            var known = isWildcard ? underneath : exact;
            if (!known.TryAdd(ascii, challenge) && known[ascii] != challenge)
            {
                problem = $"'{name}' is the name of two challenges: {known[ascii]} and {challenge}";
                return false;
            }
        }

        (result, problem) = (new TlsNames(exact, underneath, defaultChallenge), null);
        return true;
    }

    /// <summary>The challenge; null if there is none for that name.</summary>
    /// <param name="name">The name that the client asks for; empty if it asks for none.</param>
    public string? Find(string name)
    {
        if (name.Length > 0 && ToAscii(name) is { } ascii)
        {
            if (_exact.TryGetValue(ascii, out var challenge))
            {
                return challenge;
            }

            var dot = ascii.IndexOf('.', StringComparison.Ordinal);
            if (dot > 0 && _underneath.TryGetValue(ascii[(dot + 1)..], out challenge))
            {
                return challenge;
            }
        }

        return _default;
    }

    // Null if it is no host name: RFC 1123, 2.1, and an underscore, which is common.
    private static string? ToAscii(string name)
    {
        try
        {
            var ascii = new IdnMapping().GetAscii(name.ToLowerInvariant());
            return ascii.Length <= 253 && ascii[^1] != '.' && ascii.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_') ? ascii : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
