namespace Instancer.Gate.Tokens;

/// <summary>What a token is signed with, as its first byte says it.</summary>
internal enum SigningKind : byte
{
    /// <summary>HMAC-SHA-256, its first 16 bytes: who checks tokens can make them.</summary>
    HmacSha256 = 1,

    /// <summary>ECDSA over P-256 with SHA-256, 64 bytes: who has the public key only can check and not make them.</summary>
    EcdsaP256 = 2,
}

/// <summary>A key that signs tokens, checks them, or both. No record, so that it is in no text by accident.</summary>
/// <param name="kind">What it does.</param>
/// <param name="id">Its number, unique in its file.</param>
internal abstract class SigningKey(SigningKind kind, ushort id)
{
    /// <summary>How many bytes a signed token has before it is written as base64url.</summary>
    public const int TokenLength = 96;

    /// <summary>What it does.</summary>
    public SigningKind Kind => kind;

    /// <summary>Its number.</summary>
    public ushort Id => id;

    /// <summary>How many bytes of a token are in front of the signature.</summary>
    public abstract int ClaimsLength { get; }

    /// <summary>Whether it can sign: a public key cannot.</summary>
    public abstract bool CanSign { get; }

    /// <summary>Fills in the signature behind the claims.</summary>
    /// <exception cref="InvalidOperationException">It cannot sign.</exception>
    public abstract void Sign(Span<byte> token);

    /// <summary>Whether the signature is right. Takes the same time if it is not, whatever the 96 bytes are.</summary>
    public abstract bool Verify(ReadOnlySpan<byte> token);

    /// <summary>What checks tokens in place of a key that is not there, and takes as long.</summary>
    public abstract SigningKey StandIn();

    /// <summary>The key as a line of a key file. Secret, unless <paramref name="isPublic"/>.</summary>
    /// <exception cref="InvalidOperationException">It has no public part.</exception>
    public abstract string ToLine(bool isPublic);
}
