using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Instancer.TestKit.Cluster;
using Instancer.TestKit.Processes;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Loopback;

/// <summary>Stores that cannot be used, or not yet.</summary>
public sealed class StoreInputTests(LoopbackStore store, ITestOutputHelper output) : LoopbackTest(store, output)
{
    private const string Password = "correct horse battery";

    [EtcdFact]
    public async Task An_etcd_that_wants_a_user_is_said_so_and_used_with_one()
    {
        await using var etcd = await EtcdCluster.StartAsync();
        await AuthenticateAsync(etcd, "root", Password);
        var node = NewNode([.. etcd.Endpoints]);
        var line = await RefusedAsync(node);
        Assert.Equal($"instancer: etcd at {etcd.Url(0)}: etcdserver: user name is empty (it wants a user and a password)", line);

        (node.Cluster["user"], node.Cluster["passwordFile"]) = ("root", Private(node.Home, "password", "incorrect horse battery"));
        Assert.Contains("authentication failed", await RefusedAsync(node), StringComparison.Ordinal);

        node.Cluster["passwordFile"] = Private(node.Home, "password", Password);
        await JoinAsync(node);
        var (client, _) = await node.OpenAsync(Common.Token);
        client.Dispose();
        // Its place is given up with the same user.
        await node.Node.StopAsync();
        Assert.Empty(node.Lines(" tries again to reach the cluster: "));
    }

    [EtcdFact]
    public async Task An_etcd_of_version_2_is_said_so()
    {
        await using var old = new OldStore();
        Assert.Equal($"instancer: etcd at {old.Url}: its version, {OldStore.Version}, is too old; 3.4 or newer is needed", await RefusedAsync(NewNode(old.Url)));
    }

    [EtcdFact]
    public async Task A_node_may_be_there_before_its_etcd()
    {
        await using var etcd = await EtcdCluster.StartAsync();
        await etcd.KillAllAsync();
        var node = await NewNode([.. etcd.Endpoints]).StartAsync();
        await node.Node.Process.LineAsync(" tries again to reach the cluster: ");
        Assert.False(await node.IsReadyAsync());
        using var client = await node.Node.ConnectAsync(Common.Token);

        await etcd.StartAgainAsync();
        await node.ReadyAsync();
        // Who came meanwhile has waited, and is served if that was not for too long.
        using var next = await node.Node.ConnectAsync(Common.Token);
        Assert.NotEmpty(await Nodes.RawSocketExtensions.AskAsync(next, Backends.Backend.Pid));
        Assert.Single(node.Lines($" tries again to reach the cluster: etcd at {etcd.Url(0)}: Connection refused"));
    }

    /// <summary>Starts a node that ends by itself with exit code 2; its one line.</summary>
    private static async Task<string> RefusedAsync(LoopbackNode node)
    {
        ChildProcess process = node.Home.StartNode();
        Assert.Equal(2, await process.ExitAsync(TimeSpan.FromSeconds(10)));
        return Assert.Single(process.Error, line => line.StartsWith("instancer: ", StringComparison.Ordinal));
    }

    private static async Task AuthenticateAsync(EtcdCluster etcd, string user, string password)
    {
        using var http = new HttpClient { BaseAddress = new Uri(etcd.Url(0)) };
        (string Path, JsonObject Body)[] steps =
        [
            ("user/add", new JsonObject { ["name"] = user, ["password"] = password }), ("role/add", new JsonObject { ["name"] = user }),
            ("user/grant", new JsonObject { ["user"] = user, ["role"] = user }), ("enable", []),
        ];
        foreach (var (path, body) in steps)
        {
            using var answer = await http.PostAsJsonAsync(new Uri($"/v3/auth/{path}", UriKind.Relative), body);
            answer.EnsureSuccessStatusCode();
        }
    }
}
