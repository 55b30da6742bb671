using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;

namespace Instancer.Gate.Tokens;

/// <summary>A key of HMAC-SHA-256.</summary>
/// <remarks>
/// 16 bytes of the 32 are kept, as RFC 2104, section 5, allows (no less than half): a forger has nothing better than to guess, one guess a connection, and 2^128 of them are out of reach, while
/// the other 16 bytes hold four more challenges.
/// </remarks>
internal sealed class HmacKey : SigningKey
{
    /// <summary>The name in a key file.</summary>
    public const string Name = "hmac-sha256";

    private const int KeyLength = 32;
    private const int MacLength = 16;

    private readonly byte[] _key;

    private HmacKey(ushort id, byte[] key)
        : base(SigningKind.HmacSha256, id)
    {
        _key = key;
    }

    /// <inheritdoc/>
    public override int ClaimsLength => TokenLength - MacLength;

    /// <inheritdoc/>
    public override bool CanSign => true;

    /// <summary>A new key.</summary>
    public static HmacKey New(ushort id) => new(id, RandomNumberGenerator.GetBytes(KeyLength));

    /// <summary>Reads a key from a line of a key file; null if it is none.</summary>
    public static HmacKey? Read(ushort id, ReadOnlySpan<char> text)
    {
        var key = new byte[KeyLength];
        return Base64Url.IsValid(text, out var length) && length == KeyLength && Base64Url.TryDecodeFromChars(text, key, out _) ? new HmacKey(id, key) : null;
    }

    /// <inheritdoc/>
    public override void Sign(Span<byte> token) => Compute(token, token[ClaimsLength..]);

    /// <inheritdoc/>
    public override bool Verify(ReadOnlySpan<byte> token)
    {
        Span<byte> mac = stackalloc byte[MacLength];
        Compute(token, mac);
        return CryptographicOperations.FixedTimeEquals(mac, token[ClaimsLength..]);
    }

    /// <inheritdoc/>
    public override SigningKey StandIn() => New(Id);

    /// <inheritdoc/>
    public override string ToLine(bool isPublic) => isPublic
        ? throw new InvalidOperationException("A key of HMAC has no public part.")
        : string.Create(CultureInfo.InvariantCulture, $"{Id} {Name} {Base64Url.EncodeToString(_key)}");

    private void Compute(ReadOnlySpan<byte> token, Span<byte> mac)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, token[..ClaimsLength], whole);
        whole[..MacLength].CopyTo(mac);
    }
}
