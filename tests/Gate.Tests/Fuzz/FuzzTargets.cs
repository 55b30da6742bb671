using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Cluster.Forwarding;
using Instancer.Gate.Parsing;
using Instancer.Gate.Tokens;
using Instancer.Gate.Work;

namespace Instancer.Gate.Tests.Fuzz;

/// <summary>Every reader of a stranger's bytes there is. A new one is a line here.</summary>
internal static class FuzzTargets
{
    private const string Node = "b";
    private static readonly ClusterSecret Secret = new(Encoding.ASCII.GetBytes(new string('s', ClusterSecret.ShortestLength)));
    private static readonly SigningKeys SignedTokenKeys = SigningKeys.Parse(Bytes($"1 {HmacKey.Name} {Base64Url.EncodeToString(new byte[32])}\n")).Keys!;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("preamble", ReadPreamble, Enumerable.Range(0, Preamble.Length).Select(i => (byte)i).ToArray()) { Longest = Preamble.Length },
        new("line preamble", ReadLine, Line(""), Line(" 0"), Line(" 7\r"), Line(" 65535"), Line("\r")),
        new(
            "PROXY header, version 1",
            ReadProxyHeader,
            Bytes("PROXY TCP4 192.0.2.1 198.51.100.255 56324 443\r\nhello"),
            Bytes("PROXY TCP6 2001:db8::1 ::ffff:192.0.2.7 0 65535\r\nhello"),
            Bytes("PROXY UNKNOWN\r\nhello"),
            Bytes("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\nhello")),
        new(
            "PROXY header, version 2",
            ReadProxyHeader,
            [.. ProxyHeader.Write(IPEndPoint.Parse("192.0.2.1:56324"), IPEndPoint.Parse("198.51.100.1:443")), .. "hello"u8],
            [.. ProxyHeader.Write(IPEndPoint.Parse("[2001:db8::1]:56324"), IPEndPoint.Parse("[::1]:443")), .. "hello"u8],
            [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x20, 0, 0, 0, .. "hello"u8],
            [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x11, 0, 15, 192, 0, 2, 1, 192, 0, 2, 2, 1, 2, 3, 4, 4, 0, 0, .. "hello"u8]),
        new("answer to a proof of work", answer => WorkCodec.TryParseSolution(answer, out _), Bytes("s.AAAAAAAAAAAAAAAAAAAAAA=="), Bytes("s." + Convert.ToBase64String(new byte[160])), Bytes(" s.AQID\r"))
        {
            Longest = WorkQuestion.LongestAnswer,
        },
        new("proof of work that a client is asked for", text => WorkCodec.TryParseChallenge(text, out _), Bytes("s.AAAAMg==.H+fPiuL32DPbfN97cpd0nA=="), Bytes("s.AAAAAAAy.AAAf588="))
        {
            Longest = WorkQuestion.Longest,
        },
        new("signed token", token => SignedTokenKeys.Find(token, "pwn", DateTimeOffset.UnixEpoch), SignedToken("pwn"), SignedToken("web", "pwn")) { Longest = Preamble.TokenLength },
        new("claims of a signed token", ReadClaims, Base64Url.DecodeFromUtf8(SignedToken("pwn")), Base64Url.DecodeFromUtf8(SignedToken("web", "pwn"))) { Longest = SigningKey.TokenLength },

        // A name may be as long as the answer, and the reader of JSON has it in UTF-8 and in UTF-16.
        new("answer of an authenticator", answer => HttpAnswer.TryParse(answer, out _), Bytes("{\"name\":\"alice\"}"), Bytes(" {\"id\": [1, {\"x\": null}], \"name\": \"\\u0061lice\", \"ok\": true}\n"))
        {
            MostAllocated = 8 * HttpAnswer.Longest,
        },
        new("head of a node's request", ReadRequestHead, new DiallingEnd(Secret).Request(PeerKind.Client, Node, new byte[50])[..PeerProtocol.RequestHeadLength])
        {
            Longest = PeerProtocol.RequestHeadLength,
        },
        new("rest of a node's request, signed", ReadSignedRequest, [1, (byte)'b', .. ForwardedClient], [200, 1, 2, 3]) { Longest = PeerProtocol.LongestClient },
        new("client of another node", body => ClientBody.TryRead(body, out _), ForwardedClient) { Longest = PeerProtocol.LongestClient },
    ];

    private static byte[] ForwardedClient => ClientBody.Write(new ForwardRequest(new InstanceKey("pwn", TokenHash.Of("a token"u8), 7), "alice", "203.0.113.9:40000"))!;

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] Line(string end) => Bytes(new string('t', Preamble.TokenLength) + end + "\nhello");

    private static byte[] SignedToken(params string[] challenges) => SigningKeys.Sign(SignedTokenKeys.Signer!, "alice", challenges, DateTimeOffset.UnixEpoch.AddDays(1)).Token!;

    private static void ReadPreamble(byte[] input)
    {
        if (input.Length != Preamble.Length)
        {
            return;
        }

        var preamble = new Preamble(input);
        Check(preamble.Identifier == ((input[^2] << 8) | input[^1]));
        preamble.Erase();
        Check(preamble.Identifier == 0);
    }

    // Both as their readers do: exactly as many bytes more as are asked for; and then all at once.
    private static void ReadLine(byte[] input)
    {
        var have = 0;
        LinePreambleStep step;
        while ((step = LinePreamble.Read(input.AsSpan(0, have))) is LinePreambleStep.More { Count: var count } && have + count <= input.Length)
        {
            Check(count >= 1 && have + count <= LinePreamble.Longest);
            have += count;
        }

        var whole = LinePreamble.Read(input);
        Check(step is LinePreambleStep.Complete == whole is LinePreambleStep.Complete);
        Check(step is LinePreambleStep.More || step.GetType() == whole.GetType());
        if (step is LinePreambleStep.Complete complete)
        {
            Check(complete.Length == have && input[have - 1] == '\n');
            Check(complete.Preamble.Token.SequenceEqual(input.AsSpan(0, Preamble.TokenLength)));
            Check(complete.Preamble.Identifier == ((LinePreambleStep.Complete)whole).Preamble.Identifier);
        }
    }

    private static void ReadProxyHeader(byte[] input)
    {
        var have = 0;
        ProxyHeaderStep step;
        while ((step = ProxyHeader.Read(input.AsSpan(0, have))) is ProxyHeaderStep.More { Count: var count } && have + count <= input.Length)
        {
            Check(count >= 1 && have + count <= ProxyHeader.Longest);
            have += count;
        }

        var whole = ProxyHeader.Read(input);
        switch (step)
        {
            case ProxyHeaderStep.Complete complete:
                Check(complete == whole && complete.Length == have);
                Check(complete.Source is not { Address.IsIPv4MappedToIPv6: true });
                break;
            case ProxyHeaderStep.Invalid invalid:
                Check(invalid == whole && !invalid.Reason.Contains('\n', StringComparison.Ordinal));
                break;
            default:
                Check(whole is not ProxyHeaderStep.Complete);
                break;
        }
    }

    // As if the key's owner had signed them: what is not signed gets no further than its signature.
    private static void ReadClaims(byte[] input)
    {
        var token = new byte[SigningKey.TokenLength];
        input.CopyTo(token, 0);
        token[0] = (byte)SignedTokenKeys.Signer!.Kind;
        BinaryPrimitives.WriteUInt16BigEndian(token.AsSpan(1), SignedTokenKeys.Signer.Id);
        SignedTokenKeys.Signer.Sign(token);
        SignedTokenKeys.Find(Base64Url.EncodeToUtf8(token), "pwn", DateTimeOffset.UnixEpoch);
    }

    private static void ReadRequestHead(byte[] input)
    {
        if (input.Length == PeerProtocol.RequestHeadLength && new AcceptingEnd(Secret, Node).TryReadHead(input, out var rest, out _))
        {
            Check(rest is >= 0 and <= PeerProtocol.LongestQuestion + PeerProtocol.SignatureLength);
        }
    }

    // A node of the cluster that is wrong: what is not signed gets no further than its signature.
    private static void ReadSignedRequest(byte[] input)
    {
        var end = new AcceptingEnd(Secret, Node);
        var acceptor = end.Hello()[^PeerProtocol.NonceLength..];
        var head = new byte[PeerProtocol.RequestHeadLength];
        PeerProtocol.RequestMagic.CopyTo(head);
        (head[PeerProtocol.MagicLength], head[PeerProtocol.MagicLength + 1]) = (PeerProtocol.ProtocolVersion, (byte)PeerKind.Client);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(head.Length - sizeof(int)), input.Length);
        Check(end.TryReadHead(head, out var rest, out _));

        var bytes = new byte[rest];
        input.CopyTo(bytes, 0);
        var dialler = head.AsSpan(PeerProtocol.MagicLength + 2, PeerProtocol.NonceLength);
        PeerProtocol.Sign(Secret, PeerProtocol.Direction.Request, acceptor, dialler, (byte)PeerKind.Client, input, bytes.AsSpan(input.Length));
        if (end.TryReadRest(bytes, out var request, out _))
        {
            ClientBody.TryRead(request.Body.Span, out _);
        }
    }

    // Millions of times: an assertion of the test framework's costs more than what it looks at.
    private static void Check(bool holds, [CallerArgumentExpression(nameof(holds))] string what = "")
    {
        if (!holds)
        {
            Assert.Fail($"It does not hold that {what}.");
        }
    }
}
