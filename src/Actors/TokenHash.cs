using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Instancer.Actors;

/// <summary>
/// The SHA-256 of a client's token: the only form in which a token is kept, compared, logged or written down.
/// </summary>
public readonly record struct TokenHash
{
    /// <summary>How many bytes the hash has.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    private readonly ulong _a, _b, _c, _d;

    private TokenHash(ReadOnlySpan<byte> hash)
    {
        _a = BinaryPrimitives.ReadUInt64BigEndian(hash);
        _b = BinaryPrimitives.ReadUInt64BigEndian(hash[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(hash[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(hash[24..]);
    }

    /// <summary>The hash of <paramref name="token"/>.</summary>
    public static TokenHash Of(ReadOnlySpan<byte> token)
    {
        Span<byte> hash = stackalloc byte[Length];
        SHA256.HashData(token, hash);
        return new TokenHash(hash);
    }

    /// <summary>A hash that no token has but by chance (2^-256): the stand-in for a token where a challenge asks for none.</summary>
    public static TokenHash Random()
    {
        Span<byte> hash = stackalloc byte[Length];
        RandomNumberGenerator.Fill(hash);
        return new TokenHash(hash);
    }

    /// <summary>Reads 64 hexadecimal digits of either case; false if <paramref name="hex"/> is anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? hex, out TokenHash hash)
    {
        Span<byte> bytes = stackalloc byte[Length];
        var whole = hex?.Length == Length * 2
            && Convert.FromHexString(hex, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
        hash = whole ? new TokenHash(bytes) : default;
        return whole;
    }

    /// <summary>The 64 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>The first 12 hexadecimal digits: enough to tell clients apart in a log or a list.</summary>
    public string ToShortString() => ToString()[..12];

    /// <summary>Writes the 32 bytes of the hash.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is shorter than 32 bytes.</exception>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <summary>Whether the two are the same, in a time that does not depend on where they differ.</summary>
    public bool FixedTimeEquals(in TokenHash other)
    {
        var mine = this;
        var others = other;
        return CryptographicOperations.FixedTimeEquals(
            MemoryMarshal.AsBytes(new ReadOnlySpan<TokenHash>(in mine)),
            MemoryMarshal.AsBytes(new ReadOnlySpan<TokenHash>(in others)));
    }

    // The bits of a SHA-256 are already spread as well as a hash code's could be.
    /// <inheritdoc/>
    public override int GetHashCode() => (int)_a;
}
