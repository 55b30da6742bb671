using System.Buffers.Binary;
using Instancer.Cluster.Forwarding;

namespace Instancer.Cluster.Tests.Forwarding;

public sealed class PeerProtocolTests
{
    private static readonly byte[] Body = [.. "a question"u8];

    [Theory]
    [InlineData(PeerKind.Client)]
    [InlineData(PeerKind.List)]
    [InlineData(PeerKind.Stop)]
    [InlineData(PeerKind.Extend)]
    public void A_request_and_its_answer_come_through(PeerKind kind)
    {
        var (accepting, dialling) = Talk.Begin(node: "näher-2");

        Assert.True(Talk.TryRead(accepting, dialling.Request(kind, "näher-2", Body)!, out var request, out var problem), problem);
        Assert.Equal(kind, request.Kind);
        Assert.Equal(Body, request.Body.ToArray());
        foreach (var code in Enum.GetValues<PeerCode>())
        {
            Assert.True(Talk.TryRead(dialling, accepting.Answer(code, Body), out var reply, out problem), problem);
            Assert.Equal(code, reply.Code);
            Assert.Equal(Body, reply.Payload.ToArray());
        }
    }

    [Fact]
    public void A_long_answer_comes_through_and_one_that_is_longer_than_wanted_is_not_read()
    {
        var (accepting, dialling) = Talk.Begin();
        Assert.True(Talk.TryRead(accepting, dialling.Request(PeerKind.List, "b", [])!, out _, out _));
        var list = new byte[5_000_000];
        new Random(5).NextBytes(list);
        var answer = accepting.Answer(PeerCode.Answered, list);

        Assert.True(Talk.TryRead(dialling, answer, out var reply, out _));
        Assert.True(reply.Payload.Span.SequenceEqual(list));
        Assert.False(Talk.TryRead(dialling, answer, out _, out var problem, longest: list.Length - 1));
        Assert.Equal("its answer says that it has 5000000 bytes, and that is too many", problem);
    }

    [Fact]
    public void Each_bit_of_a_request_counts()
    {
        var (accepting, dialling) = Talk.Begin();
        var request = dialling.Request(PeerKind.Stop, "b", Body)!;

        AssertEachBitCounts(request, changed => Talk.TryRead(accepting, changed, out _, out _));
        Assert.True(Talk.TryRead(accepting, request, out _, out _));
    }

    [Fact]
    public void Each_bit_of_an_answer_counts()
    {
        var (accepting, dialling) = Talk.Begin();
        Assert.True(Talk.TryRead(accepting, dialling.Request(PeerKind.Stop, "b", Body)!, out _, out _));
        var answer = accepting.Answer(PeerCode.Answered, Body);

        AssertEachBitCounts(answer, changed => Talk.TryRead(dialling, changed, out _, out _));
        Assert.True(Talk.TryRead(dialling, answer, out _, out _));
    }

    [Fact]
    public void Each_bit_of_a_hello_counts()
    {
        var (accepting, _) = Talk.Begin();

        AssertEachBitCounts(accepting.Hello(), changed =>
        {
            var dialling = new DiallingEnd(Secrets.Of('s'));
            return dialling.TryReadHello(changed, out _) && Talk.TryRead(accepting, dialling.Request(PeerKind.List, "b", Body)!, out _, out _);
        });
    }

    [Fact]
    public void A_request_is_worth_nothing_on_another_connection()
    {
        var (accepting, dialling) = Talk.Begin();
        var request = dialling.Request(PeerKind.Client, "b", Body)!;
        Assert.True(Talk.TryRead(accepting, request, out _, out _));

        Assert.False(Talk.TryRead(new AcceptingEnd(Secrets.Of('s'), "b"), request, out _, out var problem));
        Assert.Equal("its request is not signed for this connection under this cluster's secret", problem);
    }

    [Fact]
    public void An_answer_is_worth_nothing_on_another_connection_or_for_another_request()
    {
        var (accepting, dialling) = Talk.Begin();
        Assert.True(Talk.TryRead(accepting, dialling.Request(PeerKind.Client, "b", Body)!, out _, out _));
        var answer = accepting.Answer(PeerCode.Served);
        var other = new DiallingEnd(Secrets.Of('s'));
        Assert.True(other.TryReadHello(accepting.Hello(), out _));

        Assert.False(Talk.TryRead(other, answer, out _, out var problem));
        Assert.Equal("its answer is not signed for this connection under this cluster's secret", problem);
    }

    [Fact]
    public void What_a_node_said_itself_is_no_answer_to_it()
    {
        // Code and kind are the same number, payload and numbers too: only the direction differs.
        var (accepting, dialling) = Talk.Begin();
        var request = dialling.Request(PeerKind.List, "b", Body)!;
        Assert.True(Talk.TryRead(accepting, request, out _, out _));
        var payload = request.AsSpan(PeerProtocol.RequestHeadLength);
        byte[] reflected = [(byte)PeerKind.List, .. Length(payload.Length - 32), .. payload];

        Assert.False(Talk.TryRead(dialling, reflected, out _, out var problem));
        Assert.Equal("its answer is not signed for this connection under this cluster's secret", problem);
    }

    [Fact]
    public void Another_secret_is_refused_by_both_ends()
    {
        var (accepting, dialling) = Talk.Begin('s', 't');

        Assert.False(Talk.TryRead(accepting, dialling.Request(PeerKind.Client, "b", Body)!, out _, out var problem));
        Assert.Equal("its request is not signed for this connection under this cluster's secret", problem);
        Assert.False(Talk.TryRead(dialling, accepting.Answer(PeerCode.Served), out _, out problem));
        Assert.Equal("its answer is not signed for this connection under this cluster's secret", problem);
    }

    [Fact]
    public void Another_version_is_said_so_at_both_ends()
    {
        var (accepting, dialling) = Talk.Begin();
        var hello = accepting.Hello();
        var request = dialling.Request(PeerKind.Client, "b", Body)!;
        hello[4] = request[4] = 2;

        Assert.False(dialling.TryReadHello(hello, out var problem));
        Assert.Equal("it speaks version 2 of the nodes' protocol, and this node version 1", problem);
        Assert.False(Talk.TryRead(accepting, request, out _, out problem));
        Assert.Equal("it speaks version 2 of the nodes' protocol, and this node version 1", problem);
    }

    [Fact]
    public void What_is_meant_for_another_node_is_said_so()
    {
        var (accepting, dialling) = Talk.Begin(node: "b");

        Assert.False(Talk.TryRead(accepting, dialling.Request(PeerKind.Client, "c", Body)!, out _, out var problem));
        Assert.Equal("its request is meant for c, and this is b: do both advertise the same address?", problem);
    }

    [Fact]
    public void A_kind_that_is_not_known_and_one_that_is_too_long_are_said_so_before_the_rest_is_read()
    {
        var (accepting, dialling) = Talk.Begin();
        var request = dialling.Request(PeerKind.Client, "b", Body)!;
        request[5] = 9;
        Assert.False(accepting.TryReadHead(request.AsSpan(0, PeerProtocol.RequestHeadLength), out _, out var problem));
        Assert.Equal("its request is of a kind that this node does not know: 9", problem);

        request[5] = (byte)PeerKind.Client;
        Length(PeerProtocol.LongestClient + 1).CopyTo(request, PeerProtocol.RequestHeadLength - 4);
        Assert.False(accepting.TryReadHead(request.AsSpan(0, PeerProtocol.RequestHeadLength), out _, out problem));
        Assert.Equal("its request says that it has 1025 bytes, and that is too many", problem);
    }

    [Fact]
    public void What_the_other_end_would_not_read_is_not_said()
    {
        var (accepting, dialling) = Talk.Begin();
        Assert.NotNull(dialling.Request(PeerKind.Client, "b", new byte[PeerProtocol.LongestClient - 2]));
        Assert.Null(dialling.Request(PeerKind.Client, "b", new byte[PeerProtocol.LongestClient - 1]));
        Assert.Null(dialling.Request(PeerKind.List, new string('b', 256), []));
        Assert.Throws<ArgumentOutOfRangeException>(() => accepting.Answer(PeerCode.Answered, new byte[PeerProtocol.LongestAnswer + 1]));
    }

    [Fact]
    public void A_stranger_is_one_from_his_first_bytes()
    {
        var (accepting, dialling) = Talk.Begin();
        var stranger = "GET / HTTP/1.1\r\nHost: example.org\r\n"u8.ToArray();

        Assert.False(accepting.TryReadHead(stranger.AsSpan(0, PeerProtocol.RequestHeadLength), out _, out var problem));
        Assert.Equal("what it sent is not of a node", problem);
        Assert.False(dialling.TryReadHello(stranger.AsSpan(0, PeerProtocol.HelloLength), out problem));
        Assert.Equal("no node listens there", problem);
    }

    [Fact]
    public void An_authentic_request_that_names_nobody_is_refused()
    {
        // The signature is right; the addressee's length says more than there is.
        var secret = Secrets.Of('s');
        var accepting = new AcceptingEnd(secret, "b");
        var nonce = new byte[16];
        foreach (var payload in (byte[][])[[], [5, (byte)'b']])
        {
            byte[] request = [.. "INSr"u8, 1, (byte)PeerKind.List, .. nonce, .. Length(payload.Length), .. payload, .. new byte[32]];
            PeerProtocol.Sign(secret, PeerProtocol.Direction.Request, accepting.Hello().AsSpan(5), nonce, (byte)PeerKind.List, payload, request.AsSpan(^32..));

            Assert.False(Talk.TryRead(accepting, request, out _, out var problem));
            Assert.StartsWith("its request ", problem, StringComparison.Ordinal);
            Assert.DoesNotContain("signed", problem, StringComparison.Ordinal);
        }
    }

    private static byte[] Length(int length)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        return bytes;
    }

    private static void AssertEachBitCounts(byte[] bytes, Func<byte[], bool> isTaken)
    {
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var changed = (byte[])bytes.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(isTaken(changed), $"bit {bit} does not count");
        }
    }
}
