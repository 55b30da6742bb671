using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using static Instancer.Cluster.Forwarding.PeerProtocol;

namespace Instancer.Cluster.Forwarding;

/// <summary>The dialling end of one connection between nodes: what it says, and what it makes of what it is told. Knows no socket.</summary>
/// <param name="secret">The cluster's.</param>
public sealed class DiallingEnd(ClusterSecret secret)
{
    private readonly byte[] _nonce = RandomNumberGenerator.GetBytes(NonceLength);
    private readonly byte[] _acceptor = new byte[NonceLength];
    private byte _code;

    /// <summary>Takes the <see cref="HelloLength"/> bytes that come first.</summary>
    /// <param name="hello">The bytes.</param>
    /// <param name="problem">Why it is none, in one line, if it is none.</param>
    public bool TryReadHello(ReadOnlySpan<byte> hello, [NotNullWhen(false)] out string? problem)
    {
        problem = !hello.StartsWith(HelloMagic) ? "no node listens there"
            : hello[MagicLength] != ProtocolVersion ? $"it speaks version {hello[MagicLength]} of the nodes' protocol, and this node version {ProtocolVersion}"
            : null;
        if (problem is null)
        {
            hello[^NonceLength..].CopyTo(_acceptor);
        }

        return problem is null;
    }

    /// <summary>The request's bytes, after the hello; null if it would be longer than the other node takes.</summary>
    /// <param name="kind">What to ask for.</param>
    /// <param name="addressee">The node that is asked.</param>
    /// <param name="body">What to say about it.</param>
    public byte[]? Request(PeerKind kind, string addressee, ReadOnlySpan<byte> body)
    {
        var name = Encoding.UTF8.GetBytes(addressee);
        var length = 1 + name.Length + body.Length;
        if (name.Length > byte.MaxValue || length > LongestPayload(kind))
        {
            return null;
        }

        var request = new byte[RequestHeadLength + length + SignatureLength];
        RequestMagic.CopyTo(request);
        request[MagicLength] = ProtocolVersion;
        request[MagicLength + 1] = (byte)kind;
        _nonce.CopyTo(request, MagicLength + 2);
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(RequestHeadLength - sizeof(uint)), length);
        var payload = request.AsSpan(RequestHeadLength, length);
        payload[0] = (byte)name.Length;
        name.CopyTo(payload[1..]);
        body.CopyTo(payload[(1 + name.Length)..]);
        Sign(secret, Direction.Request, _acceptor, _nonce, (byte)kind, payload, request.AsSpan(RequestHeadLength + length));
        return request;
    }

    /// <summary>Takes the first <see cref="AnswerHeadLength"/> bytes of the answer.</summary>
    /// <param name="head">The bytes.</param>
    /// <param name="longest">The longest payload that is wanted, in bytes.</param>
    /// <param name="rest">How many bytes follow.</param>
    /// <param name="problem">Why it is none, in one line, if it is none.</param>
    public bool TryReadHead(ReadOnlySpan<byte> head, int longest, out int rest, [NotNullWhen(false)] out string? problem)
    {
        _code = head[0];
        var length = BinaryPrimitives.ReadUInt32BigEndian(head[1..]);
        var fits = length <= longest;
        rest = fits ? (int)length + SignatureLength : 0;
        problem = fits ? null : $"its answer says that it has {length} bytes, and that is too many";
        return fits;
    }

    /// <summary>Takes what follows the head.</summary>
    /// <param name="rest">As many bytes as <see cref="TryReadHead"/> said; the answer's payload is a part of them.</param>
    /// <param name="reply">What is said; null if it is not to be believed.</param>
    /// <param name="problem">Why not, in one line.</param>
    public bool TryReadRest(ReadOnlyMemory<byte> rest, [NotNullWhen(true)] out PeerReply? reply, [NotNullWhen(false)] out string? problem)
    {
        var payload = rest[..^SignatureLength];
        var authentic = IsSigned(secret, Direction.Answer, _acceptor, _nonce, _code, payload.Span, rest.Span[^SignatureLength..]);
        reply = authentic ? new PeerReply((PeerCode)_code, payload) : null;
        problem = authentic ? null : "its answer is not signed for this connection under this cluster's secret";
        return authentic;
    }
}
