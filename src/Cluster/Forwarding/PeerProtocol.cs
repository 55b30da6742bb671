using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Instancer.Cluster.Forwarding;

/// <summary>
/// What two nodes say to each other before the bytes of a client follow. The accepting one says hello, with a number that it uses once; the dialling one asks, with such a number of its
/// own; the accepting one answers. Request and answer are signed under the cluster's secret over both numbers, so neither is worth anything on another connection, and no clock is needed.
/// All numbers are big-endian.
/// <code>
/// hello    "INSh"  version (1)  nonce (16)
/// request  "INSr"  version (1)  kind (1)  nonce (16)  length (4)  payload: addressee (1 + n), body  signature (32)
/// answer   code (1)  length (4)  payload  signature (32)
/// </code>
/// </summary>
public static class PeerProtocol
{
    /// <summary>How many bytes a hello has.</summary>
    public const int HelloLength = MagicLength + 1 + NonceLength;

    /// <summary>How many bytes of a request come before its payload.</summary>
    public const int RequestHeadLength = MagicLength + 2 + NonceLength + sizeof(uint);

    /// <summary>How many bytes of an answer come before its payload.</summary>
    public const int AnswerHeadLength = 1 + sizeof(uint);

    /// <summary>The longest payload of a request that passes a client on, in bytes.</summary>
    public const int LongestClient = 1024;

    /// <summary>The longest payload of an operator's question, in bytes.</summary>
    public const int LongestQuestion = 64 * 1024;

    /// <summary>The longest payload of the answer to an operator's question, in bytes: ten thousand instances take a few MiB.</summary>
    public const int LongestAnswer = 64 * 1024 * 1024;

    internal const byte ProtocolVersion = 1;
    internal const int MagicLength = 4;
    internal const int NonceLength = 16;
    internal const int SignatureLength = HMACSHA256.HashSizeInBytes;

    /// <summary>Which way something is said, so that nobody is answered with what he said himself.</summary>
    internal enum Direction : byte
    {
        Request = 1,
        Answer = 2,
    }

    internal static ReadOnlySpan<byte> HelloMagic => "INSh"u8;

    internal static ReadOnlySpan<byte> RequestMagic => "INSr"u8;

    /// <summary>The longest payload of a request; 0 if there is no such kind.</summary>
    internal static int LongestPayload(PeerKind kind) => kind switch
    {
        PeerKind.Client => LongestClient,
        PeerKind.List or PeerKind.Stop or PeerKind.Extend => LongestQuestion,
        _ => 0,
    };

    /// <summary>Writes the signature of a request or an answer.</summary>
    internal static void Sign(
        ClusterSecret secret, Direction direction, ReadOnlySpan<byte> acceptor, ReadOnlySpan<byte> dialler, byte code, ReadOnlySpan<byte> payload, Span<byte> signature)
    {
        // The parts before the payload have fixed lengths, so two different things never make the same bytes.
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32BigEndian(length, payload.Length);
        using var hmac = secret.CreateHmac();
        hmac.AppendData([ProtocolVersion, (byte)direction, code]);
        hmac.AppendData(acceptor);
        hmac.AppendData(dialler);
        hmac.AppendData(length);
        hmac.AppendData(payload);
        hmac.GetHashAndReset(signature);
    }

    /// <summary>Whether a signature is the right one, in a time that does not depend on where it differs.</summary>
    internal static bool IsSigned(
        ClusterSecret secret, Direction direction, ReadOnlySpan<byte> acceptor, ReadOnlySpan<byte> dialler, byte code, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> signature)
    {
        Span<byte> right = stackalloc byte[SignatureLength];
        Sign(secret, direction, acceptor, dialler, code, payload, right);
        return CryptographicOperations.FixedTimeEquals(right, signature);
    }
}
