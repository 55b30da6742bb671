using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Instancer.Gate.Tokens;

/// <summary>A key of ECDSA over P-256 with SHA-256 (FIPS 186-5), or the public part of one.</summary>
/// <remarks>
/// Of the two values of s that are right for one signature only the lower is taken. Otherwise whoever has a token could make a second out of it, with a hash of its own, and have twice what is granted to a token.
/// </remarks>
internal sealed class EcdsaKey : SigningKey
{
    /// <summary>The name in a key file.</summary>
    public const string Name = "ecdsa-p256";

    private const int HalfLength = 32;

    private static readonly BigInteger Order = BigInteger.Parse(
        "0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static readonly byte[] LargestR = Bytes(Order - 1);
    private static readonly byte[] LargestS = Bytes(Order / 2);

    // In range and wrong: what is checked in place of a signature that would be turned down at a glance.
    private static readonly byte[] Wrong = [.. Enumerable.Repeat((byte)0x11, HalfLength * 2)];

    // The framework promises no more than one use of a key at a time.
    private readonly Lock _lock = new();
    private readonly ECDsa _key;

    private EcdsaKey(ushort id, ECDsa key, bool canSign)
        : base(SigningKind.EcdsaP256, id)
    {
        (_key, CanSign) = (key, canSign);
    }

    /// <inheritdoc/>
    public override int ClaimsLength => TokenLength - (HalfLength * 2);

    /// <inheritdoc/>
    public override bool CanSign { get; }

    /// <summary>A new key.</summary>
    public static EcdsaKey New(ushort id) => new(id, ECDsa.Create(ECCurve.NamedCurves.nistP256), canSign: true);

    /// <summary>Reads a private key (PKCS #8) or a public one (SubjectPublicKeyInfo) from a line of a key file; null if it is none, or of another curve.</summary>
    public static EcdsaKey? Read(ushort id, ReadOnlySpan<char> text, bool isPrivate)
    {
        if (!Base64Url.IsValid(text))
        {
            return null;
        }

        var key = ECDsa.Create();
        var bytes = Base64Url.DecodeFromChars(text);
        try
        {
            var read = 0;
            if (isPrivate)
            {
                key.ImportPkcs8PrivateKey(bytes, out read);
            }
            else
            {
                key.ImportSubjectPublicKeyInfo(bytes, out read);
            }

            // A curve that is written out has no name, even if it is that one.
            if (read == bytes.Length && key.ExportParameters(includePrivateParameters: false).Curve is { IsNamed: true } curve && curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value)
            {
                return new EcdsaKey(id, key, isPrivate);
            }
        }
        catch (CryptographicException)
        {
            // Not a key: the same as one of another curve.
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }

        key.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public override void Sign(Span<byte> token)
    {
        if (!CanSign)
        {
            throw new InvalidOperationException("A public key cannot sign.");
        }

        var signature = token[ClaimsLength..];
        lock (_lock)
        {
            _key.SignData(token[..ClaimsLength], signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }

        var s = signature[HalfLength..];
        if (s.SequenceCompareTo(LargestS) > 0)
        {
            Bytes(Order - new BigInteger(s, isUnsigned: true, isBigEndian: true)).CopyTo(s);
        }
    }

    /// <inheritdoc/>
    public override bool Verify(ReadOnlySpan<byte> token)
    {
        var signature = token[ClaimsLength..];
        ReadOnlySpan<byte> r = signature[..HalfLength], s = signature[HalfLength..];
        var isInRange = r.SequenceCompareTo(LargestR) <= 0 & s.SequenceCompareTo(LargestS) <= 0 & r.ContainsAnyExcept((byte)0) & s.ContainsAnyExcept((byte)0);
        lock (_lock)
        {
            return isInRange & _key.VerifyData(
                token[..ClaimsLength], isInRange ? signature : Wrong, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    /// <inheritdoc/>
    public override SigningKey StandIn() => New(Id);

    /// <inheritdoc/>
    public override string ToLine(bool isPublic) => isPublic
        ? string.Create(CultureInfo.InvariantCulture, $"{Id} {Name} public {Base64Url.EncodeToString(_key.ExportSubjectPublicKeyInfo())}")
        : string.Create(CultureInfo.InvariantCulture, $"{Id} {Name} private {Base64Url.EncodeToString(_key.ExportPkcs8PrivateKey())}");

    private static byte[] Bytes(BigInteger number)
    {
        var bytes = new byte[HalfLength];
        var length = number.GetByteCount(isUnsigned: true);
        number.TryWriteBytes(bytes.AsSpan(HalfLength - length), out _, isUnsigned: true, isBigEndian: true);
        return bytes;
    }
}
