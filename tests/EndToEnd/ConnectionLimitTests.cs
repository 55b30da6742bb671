using System.Text;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary><c>gateway.maxConnections</c>: past it clients of that challenge wait in its backlog, and are served when others have gone.</summary>
public sealed class ConnectionLimitTests(ITestOutputHelper output) : NodeTest(output)
{
    [Fact]
    public async Task A_challenge_serves_as_many_connections_as_it_may_and_the_others_afterwards()
    {
        Home.Serve("pwn", Challenges.Backend(), ports: 10);
        Home.Options["challenges"]!["other"] = Challenges.Backend();
        Home.Gateway["maxConnections"] = 2;
        Home.Gateway["preambleTimeout"] = "00:10:00";
        var node = await StartAsync();
        var (session, pid) = await node.AskAsync(Home.Token, 1, Backend.Pid, "pwn");
        var silent = await node.ConnectAsync("pwn");
        await Until.TrueAsync(async () => await OpenAsync(node) == "2", stated: "the silent client holds a place");

        // The kernel completes their connections; the node takes neither, though it serves another challenge meanwhile.
        var waiting = new[] { await node.ConnectAsync(Home.Token, 1, "pwn"), await node.ConnectAsync(Home.Token, 1, "pwn") };
        foreach (var client in waiting)
        {
            await client.SendAsync(Encoding.ASCII.GetBytes(Backend.Pid + "\n"));
        }

        Assert.NotEqual(pid, await node.AskOnceAsync(Home.Token, 1, Backend.Pid, "other"));
        Assert.Equal("2", await node.MetricAsync(Accepted));
        Assert.All(waiting, client => Assert.Equal(0, client.Socket.Available));

        silent.Dispose();
        Assert.Equal(pid, await waiting[0].ReceiveLineAsync());
        Assert.Equal("2", await OpenAsync(node));
        Assert.Equal(0, waiting[1].Socket.Available);
        session.Dispose();
        Assert.Equal(pid, await waiting[1].ReceiveLineAsync());
        Array.ForEach(waiting, client => client.Dispose());
    }

    private const string Accepted = "instancer_connections_accepted_total{challenge=\"pwn\"}";

    private static Task<string?> OpenAsync(TestNode node) => node.MetricAsync("instancer_connections_open{challenge=\"pwn\"}");
}
