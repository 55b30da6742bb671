using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Instancer.Actors;
using Instancer.Actors.Connections;

namespace Instancer.Gate.Tokens;

/// <summary>
/// The keys of one key file. Immutable. A line is <c>ID hmac-sha256 KEY</c>, <c>ID ecdsa-p256 private KEY</c>, <c>ID ecdsa-p256 public KEY</c>, or <c>#</c> and a comment; a KEY is base64url.
/// </summary>
internal sealed class SigningKeys
{
    // Read in place of claims whose signature is wrong, so that these take the steps of right ones.
    private static readonly byte[] Nobody = NobodysClaims();

    private readonly List<SigningKey> _keys = [];
    private readonly Dictionary<(SigningKind, ushort), SigningKey> _byId = [];
    private readonly List<SigningKey> _standIns = [];

    private SigningKeys()
    {
    }

    /// <summary>No key: nothing is accepted.</summary>
    public static SigningKeys None { get; } = new();

    /// <summary>The key that signs: the last in the file that can; null if none can.</summary>
    public SigningKey? Signer => _keys.LastOrDefault(key => key.CanSign);

    /// <summary>A number for one more key; null if all are used.</summary>
    public ushort? NextId => _keys.Count == 0 ? (ushort)1 : _keys.Max(key => key.Id) is var last && last < ushort.MaxValue ? (ushort)(last + 1) : null;

    /// <summary>Reads a key file; the error names the line and shows nothing of it.</summary>
    public static (SigningKeys? Keys, string? Error) Parse(ReadOnlySpan<byte> contents)
    {
        var keys = new SigningKeys();
        var number = 0;
        foreach (var range in contents.Split((byte)'\n'))
        {
            number++;
            if (keys.TryAdd(Encoding.UTF8.GetString(contents[range]).Trim()) is { } error)
            {
                return (null, string.Create(CultureInfo.InvariantCulture, $"line {number}: {error}"));
            }
        }

        keys._standIns.AddRange(keys._keys.DistinctBy(key => key.Kind).Select(key => key.StandIn()));
        return (keys, null);
    }

    /// <summary>The client of a token, or null. Takes the same time whether or not there is one: every kind of which there are keys is checked, claims are read, and the client is made, of somebody or of nobody.</summary>
    /// <param name="token">What the client sent.</param>
    /// <param name="challenge">What it wants.</param>
    /// <param name="now">The wall clock.</param>
    public Client? Find(ReadOnlySpan<byte> token, string challenge, DateTimeOffset now)
    {
        scoped Span<byte> bytes = stackalloc byte[SigningKey.TokenLength];
        var isWhole = TokenDecoder.TryDecode(token, bytes);
        var isSigned = false;
        scoped ReadOnlySpan<byte> signed = Nobody;
        foreach (var standIn in _standIns)
        {
            var isKnown = _byId.TryGetValue((standIn.Kind, TokenClaims.KeyOf(bytes)), out var key);
            var isRight = (isKnown ? key! : standIn).Verify(bytes) & isKnown & isWhole & bytes[0] == (byte)standIn.Kind;
            isSigned |= isRight;
            signed = isRight ? bytes[..standIn.ClaimsLength] : signed;
        }

        var isAccepted = isSigned & TokenClaims.TryRead(signed, out var claims);
        isAccepted &= claims.End > now.ToUnixTimeSeconds() & claims.IsFor(TokenClaims.MarkOf(challenge));
        var client = new Client(Encoding.ASCII.GetString(claims.Name), TokenHash.Of(token));
        return isAccepted ? client : null;
    }

    /// <summary>A new token, signed; or what is wrong.</summary>
    /// <param name="key">A key that can sign.</param>
    /// <param name="name">The client's name, valid.</param>
    /// <param name="challenges">The challenges it is for; empty for all.</param>
    /// <param name="end">From when on it is not accepted.</param>
    public static (byte[]? Token, string? Error) Sign(SigningKey key, string name, IReadOnlyCollection<string> challenges, DateTimeOffset end)
    {
        Span<byte> bytes = stackalloc byte[SigningKey.TokenLength];
        if (TokenClaims.TryWrite(bytes[..key.ClaimsLength], key.Kind, key.Id, name, challenges, end) is { } error)
        {
            return (null, error);
        }

        key.Sign(bytes);
        return (Base64Url.EncodeToUtf8(bytes), null);
    }

    private static byte[] NobodysClaims()
    {
        var claims = new byte[32];
        _ = TokenClaims.TryWrite(claims, default, 0, "nobody", ["none"], DateTimeOffset.FromUnixTimeSeconds(uint.MaxValue));
        return claims;
    }

    private string? TryAdd(string line)
    {
        if (line.Length == 0 || line[0] == '#')
        {
            return null;
        }

        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (!ushort.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return "it does not begin with the key's number, 0 to 65535";
        }

        var key = words[1..] switch
        {
            [HmacKey.Name, var text] => HmacKey.Read(id, text),
            [EcdsaKey.Name, "private", var text] => EcdsaKey.Read(id, text, isPrivate: true),
            [EcdsaKey.Name, "public", var text] => EcdsaKey.Read(id, text, isPrivate: false),
            _ => (SigningKey?)null,
        };
        if (key is null)
        {
            return $"behind the number there is no key; allowed: {HmacKey.Name} KEY, {EcdsaKey.Name} private KEY, {EcdsaKey.Name} public KEY";
        }

        if (_keys.Exists(other => other.Id == id))
        {
            return "its number is that of another key";
        }

        _keys.Add(key);
        _byId.Add((key.Kind, id), key);
        return null;
    }
}
