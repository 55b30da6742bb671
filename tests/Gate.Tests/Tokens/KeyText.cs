using System.Text;
using Instancer.Gate.Tokens;

namespace Instancer.Gate.Tests.Tokens;

/// <summary>Keys and tokens for tests.</summary>
internal static class KeyText
{
    /// <summary>When the tests' tokens are checked.</summary>
    public static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>An hour later.</summary>
    public static readonly DateTimeOffset Later = Now.AddHours(1);

    /// <summary>A new key of a kind.</summary>
    public static SigningKey New(SigningKind kind, ushort id = 1) => kind == SigningKind.HmacSha256 ? HmacKey.New(id) : EcdsaKey.New(id);

    /// <summary>The keys of a file with these lines.</summary>
    public static SigningKeys Keys(params IEnumerable<string> lines)
    {
        var (keys, error) = SigningKeys.Parse(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        return keys ?? throw new InvalidOperationException(error);
    }

    /// <summary>A file with these keys, private ones.</summary>
    public static SigningKeys Keys(params SigningKey[] keys) => Keys(keys.Select(key => key.ToLine(isPublic: false)));

    /// <summary>A token.</summary>
    public static byte[] Token(SigningKey key, string name = "ann", DateTimeOffset? end = null, params string[] challenges)
    {
        var (token, error) = SigningKeys.Sign(key, name, challenges, end ?? Later);
        return token ?? throw new InvalidOperationException(error);
    }
}
