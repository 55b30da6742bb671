using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using static Instancer.Cluster.Forwarding.PeerProtocol;

namespace Instancer.Cluster.Forwarding;

/// <summary>The accepting end of one connection between nodes: what it says, and what it makes of what it is told. Knows no socket.</summary>
/// <param name="secret">The cluster's.</param>
/// <param name="node">This node's name: what is meant for another is not accepted.</param>
public sealed class AcceptingEnd(ClusterSecret secret, string node)
{
    private readonly byte[] _nonce = RandomNumberGenerator.GetBytes(NonceLength);
    private readonly byte[] _dialler = new byte[NonceLength];
    private PeerKind _kind;

    /// <summary>What to send first.</summary>
    public byte[] Hello() => [.. HelloMagic, ProtocolVersion, .. _nonce];

    /// <summary>Takes the first <see cref="RequestHeadLength"/> bytes.</summary>
    /// <param name="head">The bytes.</param>
    /// <param name="rest">How many bytes follow, never more than the kind of request may have.</param>
    /// <param name="problem">Why it is none, in one line, if it is none.</param>
    public bool TryReadHead(ReadOnlySpan<byte> head, out int rest, [NotNullWhen(false)] out string? problem)
    {
        rest = 0;
        if (!head.StartsWith(RequestMagic))
        {
            problem = "what it sent is not of a node";
            return false;
        }

        if (head[MagicLength] != ProtocolVersion)
        {
            problem = $"it speaks version {head[MagicLength]} of the nodes' protocol, and this node version {ProtocolVersion}";
            return false;
        }

        _kind = (PeerKind)head[MagicLength + 1];
        head.Slice(MagicLength + 2, NonceLength).CopyTo(_dialler);
        var length = BinaryPrimitives.ReadUInt32BigEndian(head[^sizeof(uint)..]);
        if (length > LongestPayload(_kind))
        {
            problem = LongestPayload(_kind) == 0
                ? $"its request is of a kind that this node does not know: {(int)_kind}"
                : $"its request says that it has {length} bytes, and that is too many";
            return false;
        }

        rest = (int)length + SignatureLength;
        problem = null;
        return true;
    }

    /// <summary>Takes what follows the head.</summary>
    /// <param name="rest">As many bytes as <see cref="TryReadHead"/> said; the request's body is a part of them.</param>
    /// <param name="request">What is asked for; null if it is not to be believed.</param>
    /// <param name="problem">Why not, in one line.</param>
    public bool TryReadRest(ReadOnlyMemory<byte> rest, [NotNullWhen(true)] out PeerRequest? request, [NotNullWhen(false)] out string? problem)
    {
        request = null;
        var payload = rest[..^SignatureLength];
        if (!IsSigned(secret, Direction.Request, _nonce, _dialler, (byte)_kind, payload.Span, rest.Span[^SignatureLength..]))
        {
            problem = "its request is not signed for this connection under this cluster's secret";
            return false;
        }

        // From here on it is a node of this cluster that speaks, and what is wrong is a mistake.
        var named = payload.IsEmpty ? 0 : payload.Span[0];
        if (payload.Length < 1 + named)
        {
            problem = "its request names nobody whom it is meant for";
            return false;
        }

        var addressee = payload.Span.Slice(1, named);
        if (!addressee.SequenceEqual(Encoding.UTF8.GetBytes(node)))
        {
            problem = $"its request is meant for {Encoding.UTF8.GetString(addressee)}, and this is {node}: do both advertise the same address?";
            return false;
        }

        request = new PeerRequest(_kind, payload[(1 + named)..]);
        problem = null;
        return true;
    }

    /// <summary>The answer's bytes.</summary>
    /// <param name="code">What to say.</param>
    /// <param name="payload">What to say about it, at most <see cref="LongestAnswer"/> bytes.</param>
    public byte[] Answer(PeerCode code, ReadOnlySpan<byte> payload = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, LongestAnswer, nameof(payload));
        var answer = GC.AllocateUninitializedArray<byte>(AnswerHeadLength + payload.Length + SignatureLength);
        answer[0] = (byte)code;
        BinaryPrimitives.WriteInt32BigEndian(answer.AsSpan(1), payload.Length);
        payload.CopyTo(answer.AsSpan(AnswerHeadLength));
        Sign(secret, Direction.Answer, _nonce, _dialler, (byte)code, payload, answer.AsSpan(AnswerHeadLength + payload.Length));
        return answer;
    }
}
