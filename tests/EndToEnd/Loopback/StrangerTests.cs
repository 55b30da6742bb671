using System.Net;
using System.Text;
using Instancer.EndToEnd.Backends;
using Instancer.TestKit.Cluster;
using Instancer.TestKit.Net;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Loopback;

/// <summary>Whoever comes to the nodes' port and is no node of the cluster.</summary>
public sealed class StrangerTests(LoopbackStore store, ITestOutputHelper output) : LoopbackTest(store, output)
{
    // Magic, version, nonce.
    private const int HelloLength = 4 + 1 + 16;

    [EtcdFact]
    public async Task Requests_that_are_strange_cut_short_or_played_again_are_turned_away_and_the_port_works_on()
    {
        var (owner, other) = (NewNode(), NewNode());
        var overhearing = new Overhearing();
        await using var way = new FaultProxy(new IPEndPoint(IPAddress.Loopback, owner.Port), overhearing);
        (owner.Cluster["advertise"], owner.Cluster["listen"]) = ($"{way.EndPoint}", $"127.0.0.1:{owner.Port}");
        await JoinAsync(owner, other);
        var (session, pid) = await owner.OpenAsync(Common.Token);
        Assert.Equal(pid, await other.Node.AskOnceAsync(Common.Token, 1, Backend.Pid));
        var request = overhearing.Request;

        await TurnedAwayAsync(owner, Encoding.ASCII.GetBytes("GET /healthz HTTP/1.1\r\nHost: node\r\n\r\n"));
        await TurnedAwayAsync(owner, Common.Token.Preamble(1));
        await TurnedAwayAsync(owner, request[..10]);
        await TurnedAwayAsync(owner, request[..^1]);
        await TurnedAwayAsync(owner, request);
        // One that says nothing has as long as a client's preamble.
        await TurnedAwayAsync(owner, []);
        Assert.Contains(owner.Lines(" was turned away from the nodes' port: "), line => line.Contains("is not signed for this connection", StringComparison.Ordinal));

        var (through, same) = await other.OpenAsync(Common.Token);
        Assert.Equal(pid, same);
        Assert.Single(await owner.Node.InstancesAsync());
        foreach (var client in new[] { session, through })
        {
            client.EndSending();
            await client.ExpectEndAsync();
        }

        await Eventually.TrueAsync(
            async () => await owner.Node.MetricAsync("instancer_forwarded_connections_total{challenge=\"\",direction=\"in\",outcome=\"not-accepted\"}") == "5", "they are counted");
    }

    private static async Task TurnedAwayAsync(LoopbackNode node, byte[] bytes)
    {
        using var stranger = await RawSocket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, node.Port));
        await stranger.ReceiveAsync(HelloLength);
        await stranger.SendAsync(bytes);
        if (bytes.Length > 0)
        {
            stranger.EndSending();
        }

        await ClosedAsync(stranger);
    }
}
