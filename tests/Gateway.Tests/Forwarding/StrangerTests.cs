using Instancer.Actors.Connections;
using Instancer.Cluster.Forwarding;
using Instancer.Gateway.Tests.Net;
using Instancer.TestKit.Net;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Tests.Forwarding;

/// <summary>Whoever comes to the nodes' port and is none, or not of this cluster: turned away, with one line in the log and no byte more than the hello.</summary>
public sealed class StrangerTests
{
    private const string NotSigned = "its request is not signed for this connection under this cluster's secret";

    [Theory, EachTransport]
    public async Task A_stranger_is_turned_away(string transport)
    {
        using var rig = new PeerRig(transport);

        await AssertTurnedAwayAsync(rig, "what it sent is not of a node", _ => PeerRig.Text("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"));
    }

    [Theory, EachTransport]
    public async Task A_request_that_is_cut_short_anywhere_is_none(string transport)
    {
        using var rig = new PeerRig(transport);
        using var whole = await RawPeer.DialAsync(rig);
        var length = 0;
        await whole.SendAsync(hello =>
        {
            var request = RawPeer.Make(hello);
            length = request.Length;
            return request;
        });
        Assert.InRange(length, 100, 300);

        for (var cut = 0; cut < length; cut++)
        {
            await AssertTurnedAwayAsync(rig, $"it ended after {cut} bytes, which are no whole request", hello => RawPeer.Make(hello)[..cut], thenEnd: true);
        }
    }

    [Theory, EachTransport]
    public async Task A_request_that_was_accepted_once_is_not_accepted_again(string transport)
    {
        using var rig = new PeerRig(transport);
        using var peer = await RawPeer.DialAsync(rig);
        byte[] captured = [];
        var (_, opening) = await peer.SendAsync(hello => captured = RawPeer.Make(hello));
        Assert.IsType<ForwardOpening.Client>(opening);

        await AssertTurnedAwayAsync(rig, NotSigned, _ => captured);
    }

    [Theory, EachTransport]
    public async Task A_node_of_another_cluster_is_turned_away_and_knows_where_to_look(string transport)
    {
        using var rig = new PeerRig(transport);

        await AssertTurnedAwayAsync(rig, NotSigned, hello => RawPeer.Make(hello, Secrets.Theirs));
    }

    [Theory, EachTransport]
    public async Task Another_version_and_another_addressee_and_a_body_that_makes_no_sense_are_said_so(string transport)
    {
        using var rig = new PeerRig(transport);

        await AssertTurnedAwayAsync(rig, "it speaks version 2 of the nodes' protocol, and this node version 1", hello =>
        {
            var request = RawPeer.Make(hello);
            request[4] = 2;
            return request;
        });
        await AssertTurnedAwayAsync(
            rig, "its request is meant for c, and this is b: do both advertise the same address?", hello => RawPeer.Make(hello, addressee: "c"));
        await AssertTurnedAwayAsync(rig, "what it says of a client makes no sense", hello => RawPeer.Make(hello, body: [1, 2, 3]));
    }

    [Theory, EachTransport]
    public async Task A_flood_is_not_waited_for(string transport)
    {
        using var rig = new PeerRig(transport);

        await AssertTurnedAwayAsync(rig, "its request says that it has 4294967295 bytes, and that is too many", hello =>
        {
            var request = RawPeer.Make(hello);
            request.AsSpan(PeerProtocol.RequestHeadLength - sizeof(uint), sizeof(uint)).Fill(0xff);
            return request[..PeerProtocol.RequestHeadLength];
        });
    }

    [Theory, EachTransport]
    public async Task A_silent_one_is_given_up_when_its_time_is_over(string transport)
    {
        using var rig = new PeerRig(transport);
        using var late = new CancellationTokenSource();
        using var peer = await RawPeer.DialAsync(rig);
        var socket = await rig.AcceptAsync();
        var reading = socket.ReadRequestAsync(late.Token);
        await peer.Socket.ReceiveAsync(PeerProtocol.HelloLength);
        await peer.Socket.SendAsync("INSr"u8.ToArray());
        Assert.False(reading.IsCompleted);

        await late.CancelAsync();

        Assert.IsType<ForwardOpening.Invalid>(await reading.WaitAsync(RawSocket.Deadline));
        var line = Assert.Single(rig.Log.Lines);
        Assert.Equal(700, line.Id.Id);
        Assert.Contains("it was given up after ", line.Text, StringComparison.Ordinal);
        socket.Dispose();
        await PeerRig.AssertNothingCameAsync(peer.Socket);
    }

    [Theory, EachTransport]
    public async Task One_that_is_gone_at_once_is_one_line_too(string transport)
    {
        using var rig = new PeerRig(transport);
        using var peer = await RawPeer.DialAsync(rig);
        var socket = await rig.AcceptAsync();
        peer.Socket.Reset();

        Assert.IsType<ForwardOpening.Invalid>(await socket.ReadRequestAsync(default).WaitAsync(RawSocket.Deadline));
        Assert.Equal(700, Assert.Single(rig.Log.Lines).Id.Id);
    }

    [Theory, EachTransport]
    public async Task Nothing_is_answered_that_was_not_asked(string transport)
    {
        using var rig = new PeerRig(transport);
        using var peer = await RawPeer.DialAsync(rig);
        var socket = await rig.AcceptAsync();

        Assert.Throws<InvalidOperationException>(() => socket.Answer(ForwardAnswer.Served));
        await Assert.ThrowsAsync<InvalidOperationException>(() => socket.ReadPreambleAsync(default));
        socket.Dispose();
        await PeerRig.AssertNothingCameAsync(peer.Socket);
    }

    private static async Task AssertTurnedAwayAsync(PeerRig rig, string reason, Func<byte[], byte[]> make, bool thenEnd = false)
    {
        var before = rig.Log.Lines.Count;
        using var peer = await RawPeer.DialAsync(rig);
        var (socket, opening) = await peer.SendAsync(make, thenEnd);

        Assert.Equal(new ForwardOpening.Invalid(reason), opening);
        var line = Assert.Single(rig.Log.Lines.Skip(before));
        Assert.Equal((700, LogLevel.Warning), (line.Id.Id, line.Level));
        Assert.Equal($"{peer.Socket.Socket.LocalEndPoint} was turned away from the nodes' port: {reason}", line.Text);
        socket.Dispose();
        await PeerRig.AssertNothingCameAsync(peer.Socket);
    }
}
