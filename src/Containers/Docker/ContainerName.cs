using System.Globalization;
using System.Text;
using Instancer.Actors;

namespace Instancer.Containers.Docker;

/// <summary>
/// The name of the container under a key: <c>instancer-NODE-CHALLENGE-HASH-IDENTIFIER</c>. The engine refuses a name that is taken,
/// so it is the engine itself that keeps a key from having two containers.
/// </summary>
internal static class ContainerName
{
    // 128 bits of the token's hash: nobody finds two tokens that share them. The first 12 digits are those of logs and lists.
    private const int HashDigits = 32;

    public static string Of(string node, InstanceKey key) => string.Create(
        CultureInfo.InvariantCulture,
        $"instancer-{Escape(node)}-{Escape(key.Challenge)}-{key.Token.ToString().AsSpan(0, HashDigits)}-{key.Identifier}");

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
