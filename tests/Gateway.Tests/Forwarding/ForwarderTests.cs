using Instancer.Actors.Connections;
using Instancer.Actors.Registry;
using Instancer.Cluster.Forwarding;
using Instancer.Gateway.Tests.Net;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Forwarding;

/// <summary>What the first node makes of an owner that is not there, or not what it should be. The owner is the test's to play.</summary>
public sealed class ForwarderTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    [Theory, EachTransport]
    public async Task Nobody_there_is_moved(string transport)
    {
        using var rig = new PeerRig(transport);
        using var nobody = new RawBackend();
        var to = new NodeAddress("c", nobody.EndPoint);
        nobody.Dispose();

        Assert.StartsWith($"{to}: Connection refused", await MovedAsync(rig, to), StringComparison.Ordinal);
        // It is tried again and again, and that is said once.
        await MovedAsync(rig, to);
        Assert.StartsWith($"{to} does not answer: ", Assert.Single(rig.Log.Lines).Text, StringComparison.Ordinal);
    }

    [Theory, EachTransport]
    public async Task One_that_does_not_answer_the_dial_is_moved_soon(string transport)
    {
        using var rig = new PeerRig(transport, Soon);
        using var silent = new SilentPort();
        var to = new NodeAddress("c", silent.EndPoint);

        Assert.Equal($"{to}: no connection within {Soon}", await MovedAsync(rig, to));
    }

    // So does one that is paused: its system accepts for it.
    [Theory, EachTransport]
    public async Task One_that_says_nothing_is_moved_soon(string transport)
    {
        using var rig = new PeerRig(transport, Soon);
        using var owner = new RawBackend();
        var to = new NodeAddress("c", owner.EndPoint);
        var moved = MovedAsync(rig, to);
        using var socket = await owner.AcceptAsync();

        Assert.Equal($"{to}: it said nothing within {Soon}", await moved);
        await socket.ExpectResetAsync();
    }

    [Theory, EachTransport]
    public async Task A_start_may_take_longer_than_the_hello(string transport)
    {
        using var rig = new PeerRig(transport, Soon);
        var forwarding = rig.Forwarder.ForwardAsync(rig.Address, PeerRig.Request, default);
        var (socket, _) = await rig.AcceptRequestAsync();
        using var silent = new SilentPort();
        Assert.IsType<DialOutcome.Failed>(await DialForAsync(rig, silent, Soon * 2));

        socket.Answer(ForwardAnswer.Served);
        Assert.IsType<ForwardOutcome.Accepted>(await forwarding.WaitAsync(RawSocket.Deadline)).Socket.Dispose();
    }

    [Theory, EachTransport]
    public async Task Another_service_and_another_version_are_moved_and_logged(string transport)
    {
        using var rig = new PeerRig(transport);
        foreach (var (hello, reason) in new[]
        {
            (PeerRig.Text("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), "no node listens there"),
            ([.. "INSh"u8, 2, .. new byte[16]], "it speaks version 2 of the nodes' protocol, and this node version 1"),
        })
        {
            await AssertNotTrustedAsync(rig, reason, socket => socket.SendAsync(hello));
        }
    }

    [Theory, EachTransport]
    public async Task An_answer_that_is_not_to_be_believed_is_moved_and_logged(string transport)
    {
        const string NotSigned = "its answer is not signed for this connection under this cluster's secret";
        using var rig = new PeerRig(transport);
        byte[] served = [(byte)PeerCode.Served, 0, 0, 0, 0, .. new byte[32]];
        await AssertNotTrustedAsync(rig, NotSigned, socket => AnswerAsync(socket, (_, _) => served));
        await AssertNotTrustedAsync(rig, NotSigned, socket => AnswerAsync(socket, (end, request) => end.Answer(PeerCode.Served), Secrets.Theirs));
        await AssertNotTrustedAsync(rig, NotSigned, socket => AnswerAsync(socket, (end, _) =>
        {
            var answer = end.Answer(PeerCode.Refused);
            answer[0] = (byte)PeerCode.Served;
            return answer;
        }));
        await AssertNotTrustedAsync(
            rig, "its answer says that it has 1 bytes, and that is too many", socket => AnswerAsync(socket, (end, _) => end.Answer(PeerCode.Served, [1])));
    }

    [Theory, EachTransport]
    public async Task An_answer_that_is_cut_short_anywhere_is_moved(string transport)
    {
        using var rig = new PeerRig(transport);
        for (var cut = 0; cut < 37; cut++)
        {
            using var owner = new RawBackend();
            var to = new NodeAddress("b", owner.EndPoint);
            var moved = MovedAsync(rig, to);
            using var socket = await owner.AcceptAsync();
            await AnswerAsync(socket, (end, _) => end.Answer(PeerCode.Served)[..cut]);
            socket.EndSending();

            Assert.StartsWith($"{to}: it closed the connection ", await moved, StringComparison.Ordinal);
        }

        // A line for each, but for one that had an earlier one's port: it is the same node, and the same is not said of it twice within a minute.
        Assert.NotEmpty(rig.Log.Lines);
        Assert.All(rig.Log.Lines, line => Assert.Equal(704, line.Id.Id));
    }

    [Theory, EachTransport]
    public async Task Given_up_before_it_began_or_before_the_hello_it_is_moved_and_closed(string transport)
    {
        using var rig = new PeerRig(transport);
        using var given = new CancellationTokenSource();
        using var owner = new RawBackend();
        var to = new NodeAddress("c", owner.EndPoint);
        var forwarding = rig.Forwarder.ForwardAsync(to, PeerRig.Request, given.Token);
        using var socket = await owner.AcceptAsync();

        await given.CancelAsync();

        await PeerRig.AssertNothingCameAsync(socket);
        Assert.Equal($"{to}: given up", Assert.IsType<ForwardOutcome.Moved>(await forwarding.WaitAsync(RawSocket.Deadline)).Reason);
        var again = await rig.Forwarder.ForwardAsync(to, PeerRig.Request, given.Token).WaitAsync(RawSocket.Deadline, CancellationToken.None);
        Assert.Equal($"{to}: given up", Assert.IsType<ForwardOutcome.Moved>(again).Reason);
    }

    [Theory, EachTransport]
    public async Task What_no_request_has_room_for_is_refused(string transport)
    {
        using var rig = new PeerRig(transport);
        foreach (var client in (string[])[new('x', 1000), new('x', 100_000), "half a fox: \ud83e"])
        {
            var outcome = await rig.Forwarder.ForwardAsync(rig.Address, PeerRig.Request with { Client = client }, default).WaitAsync(RawSocket.Deadline);

            Assert.Equal(new ForwardOutcome.Refused("b cannot be told of it: no request has room for that"), outcome);
        }
    }

    private static async Task<string> MovedAsync(PeerRig rig, NodeAddress to) => Assert.IsType<ForwardOutcome.Moved>(
        await rig.Forwarder.ForwardAsync(to, PeerRig.Request, default).WaitAsync(RawSocket.Deadline)).Reason;

    private static async Task<DialOutcome> DialForAsync(PeerRig rig, SilentPort silent, TimeSpan time)
    {
        using var late = new CancellationTokenSource(time);
        return await rig.A.Transport.DialAsync(new Actors.Instances.TcpBackendAddress(silent.EndPoint), late.Token).WaitAsync(RawSocket.Deadline, CancellationToken.None);
    }

    private static async Task AssertNotTrustedAsync(PeerRig rig, string reason, Func<RawSocket, Task> play)
    {
        var before = rig.Log.Lines.Count;
        using var owner = new RawBackend();
        var to = new NodeAddress("b", owner.EndPoint);
        var moved = MovedAsync(rig, to);
        using var socket = await owner.AcceptAsync();
        await play(socket);

        Assert.Equal($"{to}: {reason}", await moved);
        var line = Assert.Single(rig.Log.Lines.Skip(before));
        Assert.Equal((701, $"{to} is not what it should be: {reason}"), (line.Id.Id, line.Text));
    }

    // An owner that reads the request and answers it as the test likes.
    private static async Task AnswerAsync(RawSocket socket, Func<AcceptingEnd, PeerRequest?, byte[]> answer, ClusterSecret? secret = null)
    {
        var end = new AcceptingEnd(secret ?? Secrets.Ours, "b");
        await socket.SendAsync(end.Hello());
        Assert.True(end.TryReadHead(await socket.ReceiveAsync(PeerProtocol.RequestHeadLength), out var length, out var problem), problem);
        end.TryReadRest(await socket.ReceiveAsync(length), out var request, out _);
        if (answer(end, request) is { Length: > 0 } bytes)
        {
            await socket.SendAsync(bytes);
        }
    }
}
