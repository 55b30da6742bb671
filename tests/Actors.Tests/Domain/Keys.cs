using System.Text;

namespace Instancer.Actors.Tests.Domain;

/// <summary>Short ways to write keys down.</summary>
internal static class Keys
{
    public const string Challenge = "sample";

    public static TokenHash Token(string name) => TokenHash.Of(Encoding.UTF8.GetBytes(name));

    public static InstanceKey Of(string token, int identifier = 1, string challenge = Challenge)
        => new(challenge, Token(token), (ushort)identifier);
}
