using System.Net.Sockets;
using System.Security.Cryptography;
using Instancer.Actors.Connections;
using Instancer.Cluster.Forwarding;
using Instancer.Gateway.Forwarding;
using Instancer.Gateway.Tests.Net;
using Instancer.TestKit;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Forwarding;

/// <summary>What operators ask of one node through another.</summary>
public sealed class PeerQuestionTests
{
    private static readonly PeerQuestion List = new(PeerKind.List, "{}"u8.ToArray());

    [Theory, EachTransport]
    public async Task Each_kind_of_question_is_answered_and_is_no_client(string transport)
    {
        using var rig = new PeerRig(transport);
        rig.Answer = (question, _) => Task.FromResult(new PeerAnswer((byte[])[(byte)question.Kind, .. question.Json.Span]));
        foreach (var kind in (PeerKind[])[PeerKind.List, PeerKind.Stop, PeerKind.Extend])
        {
            var asking = rig.Peers.AskAsync(rig.Address, new PeerQuestion(kind, PeerRig.Text("""{"key":"pwn/…/7"}""")), default);
            var (socket, opening) = await rig.AcceptRequestAsync();
            Assert.IsType<ForwardOpening.Question>(opening);

            // Whoever accepted it is done with it; the question is not.
            socket.Reset();
            socket.Dispose();
            var answered = Assert.IsType<PeerOutcome.Answered>(await asking.WaitAsync(RawSocket.Deadline));
            Assert.Equal([(byte)kind, .. PeerRig.Text("""{"key":"pwn/…/7"}""")], answered.Json.ToArray());
        }

        Assert.Empty(rig.Log.Lines);
    }

    [Theory, EachTransport]
    public async Task A_question_may_take_its_time_and_its_answer_have_megabytes(string transport)
    {
        using var rig = new PeerRig(transport);
        var known = new TaskCompletionSource<PeerAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Answer = (_, _) => known.Task;
        var asking = rig.Peers.AskAsync(rig.Address, List, default);
        var (socket, _) = await rig.AcceptRequestAsync();
        socket.Dispose();
        Assert.False(asking.IsCompleted);
        var json = RandomNumberGenerator.GetBytes(20_000_000);

        known.SetResult(new PeerAnswer(json));

        var answered = Assert.IsType<PeerOutcome.Answered>(await asking.WaitAsync(RawSocket.Deadline));
        Assert.True(answered.Json.Span.SequenceEqual(json));
    }

    [Theory, EachTransport]
    public async Task An_answer_that_fails_or_is_too_long_is_none_and_is_logged(string transport)
    {
        using var rig = new PeerRig(transport);
        var cut = $"{rig.Address}: it closed the connection without an answer; if it turned this node away, its log says why";
        rig.Answer = (_, _) => throw new InvalidOperationException("a bug");
        Assert.Equal(new PeerOutcome.Failed(cut), await AskAsync(rig));
        Assert.Equal("a bug", Assert.Single(rig.Log.Of(703)).Exception?.Message);

        rig.Answer = (_, _) => Task.FromResult(new PeerAnswer(new byte[PeerProtocol.LongestAnswer + 1]));
        Assert.Equal(new PeerOutcome.Failed(cut), await AskAsync(rig));
        Assert.EndsWith("asked for List and has no answer: it would have 67108865 bytes", Assert.Single(rig.Log.Of(702)).Text, StringComparison.Ordinal);
    }

    [Theory, EachTransport]
    public async Task A_question_that_takes_too_long_is_given_up(string transport)
    {
        var time = new VirtualTime();
        using var rig = new PeerRig(transport, time: time);
        rig.Answer = Never;
        var asking = rig.Peers.AskAsync(rig.Address, List, default);
        await rig.AcceptRequestAsync();

        time.Advance(PeerQuestions.Timeout);

        Assert.IsType<PeerOutcome.Failed>(await asking.WaitAsync(RawSocket.Deadline));
        await Eventually.TrueAsync(() => rig.Log.Of(702).Count == 1, "it is logged");
        Assert.EndsWith("asked for List and has no answer: it took longer than 00:01:00", rig.Log.Of(702)[0].Text, StringComparison.Ordinal);
    }

    [Theory, EachTransport]
    public async Task A_question_is_given_up_when_the_port_is_closed(string transport)
    {
        using var rig = new PeerRig(transport);
        rig.Answer = Never;
        var asking = rig.Peers.AskAsync(rig.Address, List, default);
        await rig.AcceptRequestAsync();

        rig.Listener.Dispose();

        Assert.IsType<PeerOutcome.Failed>(await asking.WaitAsync(RawSocket.Deadline));
        await Eventually.TrueAsync(() => rig.Log.Of(702).Count == 1, "it is logged");
        Assert.EndsWith("has no answer: the node stops", rig.Log.Of(702)[0].Text, StringComparison.Ordinal);
    }

    [Theory, EachTransport]
    public async Task Who_asks_may_give_up(string transport)
    {
        using var rig = new PeerRig(transport);
        using var given = new CancellationTokenSource();
        rig.Answer = Never;
        var asking = rig.Peers.AskAsync(rig.Address, List, given.Token);
        await rig.AcceptRequestAsync();

        await given.CancelAsync();

        Assert.Equal(new PeerOutcome.Failed($"{rig.Address}: given up"), await asking.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task A_question_that_is_too_long_is_not_asked(string transport)
    {
        using var rig = new PeerRig(transport);

        var outcome = await rig.Peers.AskAsync(rig.Address, new PeerQuestion(PeerKind.Stop, new byte[PeerProtocol.LongestQuestion]), default).WaitAsync(RawSocket.Deadline);

        Assert.Equal(new PeerOutcome.Failed("b cannot be told of it: no request has room for that"), outcome);
    }

    [Theory, EachTransport]
    public async Task An_answer_that_goes_on_for_too_long_is_not_waited_for(string transport)
    {
        using var rig = new PeerRig(transport);
        using var peer = await RawPeer.DialAsync(rig);
        peer.Socket.Socket.ReceiveBufferSize = 16 * 1024;
        rig.Answer = (_, _) => Task.FromResult(new PeerAnswer(new byte[PeerProtocol.LongestAnswer]));
        await peer.SendAsync(hello => RawPeer.Make(hello, kind: PeerKind.List));
        await peer.Socket.ReceiveAsync(1);

        // It asked, and does not read.
        rig.Listener.Dispose();

        await Eventually.TrueAsync(() => rig.Log.Of(702).Count == 1, "it is logged");
        Assert.EndsWith("has no answer: it went away, or was too slow", rig.Log.Of(702)[0].Text, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => ReceiveAllAsync(peer.Socket));
    }

    private static async Task ReceiveAllAsync(RawSocket socket)
    {
        var all = await socket.ReceiveToEndAsync();
        if (all.Length < PeerProtocol.LongestAnswer)
        {
            throw new SocketException((int)SocketError.ConnectionReset);
        }
    }

    private static async Task<PeerOutcome> AskAsync(PeerRig rig)
    {
        var asking = rig.Peers.AskAsync(rig.Address, List, default);
        await rig.AcceptRequestAsync();
        return await asking.WaitAsync(RawSocket.Deadline);
    }

    private static async Task<PeerAnswer> Never(PeerQuestion question, CancellationToken cancellationToken)
    {
        await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        throw new InvalidOperationException("it ended");
    }
}
