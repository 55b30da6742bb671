using System.Globalization;
using System.Text;
using Instancer.Actors;

namespace Instancer.Containers.Docker;

/// <summary>
/// The name of the container under a key: <c>instancer-NODE-CHALLENGE-HASH-IDENTIFIER</c>. The engine refuses a name that is taken,
/// so it is the engine itself that keeps a key from having two containers. And it is the one thing of a container that the engine lets change: so it is where
/// it is written down to whom a spare was given.
/// </summary>
internal static class ContainerName
{
    public static string Of(string node, InstanceKey key) => string.Create(
        CultureInfo.InvariantCulture, $"{PrefixOf(node, key.Challenge)}{key.Token}-{key.Identifier}");

    /// <summary>The name of a companion of the container under a key; no key's.</summary>
    public static string OfCompanion(string node, InstanceKey key, string member) => $"{Of(node, key)}.{member}";

    /// <summary>The key that a container of <paramref name="challenge"/> has its name from; false if its name is no key's.</summary>
    public static bool TryParse(string node, string challenge, string? name, out InstanceKey key)
    {
        key = default;
        var prefix = PrefixOf(node, challenge);
        if (name?.TrimStart('/') is not { } text || !text.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var isOne = text[prefix.Length..].Split('-') is [var hash, var number]
            && TokenHash.TryParse(hash, out var token)
            && ushort.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var identifier)
            && (key = new InstanceKey(challenge, token, identifier)) is var parsed
            && Of(node, parsed) == text;
        return isOne;
    }

    private static string PrefixOf(string node, string challenge) => $"instancer-{Escape(node)}-{Escape(challenge)}-";

    /// <summary>
    /// Writes what a container's name may not have, and the escape character itself, as <c>_XX</c> of its UTF-8 bytes, so that no two
    /// texts are written alike. Legal are letters, digits, dot, hyphen and underscore of ASCII.
    /// </summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var unit in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)unit) || unit is (byte)'.' or (byte)'-')
            {
                escaped.Append((char)unit);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"_{unit:x2}");
            }
        }

        return escaped.ToString();
    }
}
