using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Cluster;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Loopback;

/// <summary>The operator's commands, asked of a node that does not have what they are about.</summary>
public sealed class OperatorTests(LoopbackStore store, ITestOutputHelper output) : LoopbackTest(store, output)
{
    [EtcdFact]
    public async Task Any_node_lists_extends_and_stops_what_another_has()
    {
        var nodes = await StartAsync(2);
        var (has, asked) = (nodes[0], nodes[1]);
        var (client, _) = await has.OpenAsync(Common.Token);
        var key = $"pwn/{Common.Token.Hash[..12]}/1";
        var (before, node) = await ListedAsync(asked);
        Assert.Equal(has.Name, node);
        Assert.Empty(await NamesAsync(asked, "/api/instances?scope=node"));
        Assert.Equal([has.Name], await NamesAsync(asked, "/api/instances"));

        var extended = await asked.Home.RunAsync(["instances", "extend", key, "00:30:00", .. asked.Admin]);
        Assert.Equal(0, extended.ExitCode);
        Assert.Equal(before + TimeSpan.FromMinutes(30), (await ListedAsync(has)).Expires);
        Assert.Equal(before + TimeSpan.FromMinutes(30), (await ListedAsync(asked)).Expires);

        var stopped = await asked.Home.RunAsync(["instances", "stop", key, .. asked.Admin]);
        Assert.Equal(new CommandResult(0, $"stopped pwn/{Common.Token.Hash}/1", ""), stopped);
        await ClosedAsync(client);
        Assert.Empty(await has.Node.InstancesAsync());
        Assert.Equal(new CommandResult(1, "", $"instancer: there is no instance {key}"), await asked.Home.RunAsync(["instances", "stop", key, .. asked.Admin]));

        // Three lists by the commands, as many before a stop or an extension, and the questions themselves: none of them a stranger, and none a client.
        Assert.NotNull(await has.Node.MetricAsync("instancer_forwarded_connections_total{challenge=\"\",direction=\"in\",outcome=\"question\"}"));
        Assert.Null(await has.Node.MetricAsync("instancer_forwarded_connections_total{challenge=\"\",direction=\"in\",outcome=\"not-accepted\"}"));
    }

    [EtcdFact]
    public async Task A_node_that_is_drained_leaves_the_others_and_the_command_waits_for_it()
    {
        var nodes = await StartAsync(2);
        var (leaves, stays) = (nodes[0], nodes[1]);
        leaves.Home.Gateway["drainTimeout"] = "00:00:02";
        var (client, _) = await leaves.OpenAsync(Common.Token);
        var (through, _) = await stays.OpenAsync(Common.Token);
        var table = (await stays.Home.RunAsync(["nodes", "list", .. stays.Admin])).Output.Split('\n');
        Assert.Equal(["NODE", "ADVERTISE", "HERE", "PLACE", "DRAINING", "INSTANCES"], Words(table[0]));
        Assert.Contains(table, row => Words(row).Take(5).SequenceEqual([leaves.Name, $"127.0.0.1:{leaves.Port}", "no", "yes", "no"]));
        Assert.Contains(table, row => Words(row).Take(5).SequenceEqual([stays.Name, $"127.0.0.1:{stays.Port}", "yes", "yes", "no"]));

        var drained = await leaves.Home.RunAsync(["drain", "--wait", .. leaves.Admin]);
        Assert.Equal(new CommandResult(0, $"{leaves.Name} drains\n{leaves.Name} has stopped", ""), drained);
        Assert.Equal(0, await leaves.Node.Process.ExitAsync());
        await ClosedAsync(client);
        await ClosedAsync(through);

        // It has given its place and its keys up, and nobody has to wait for a lease to run out.
        await stays.KnowsAsync(1);
        Assert.Equal([stays.Name], ((JsonArray)JsonNode.Parse((await stays.Home.RunAsync(["nodes", "list", "--json", .. stays.Admin])).Output)!).Select(node => (string)node!["name"]!));
        var (next, _) = await stays.OpenAsync(Common.Token);
        Assert.Equal(stays.Name, (await ListedAsync(stays)).Node);
        next.Dispose();
    }

    [EtcdFact]
    public async Task A_node_without_a_place_is_not_ready_and_says_so_in_all_ways()
    {
        await using var etcd = await EtcdCluster.StartAsync();
        var node = (await StartAsync(1, [.. etcd.Endpoints]))[0];
        Assert.Equal("1", await node.Node.MetricAsync("instancer_cluster_place"));
        Assert.Equal("1", await node.Node.MetricAsync("instancer_cluster_nodes"));
        var (client, _) = await node.OpenAsync(Common.Token);
        Assert.Equal("1", await node.Node.MetricAsync("instancer_cluster_claims_seconds_count{owner=\"here\"}"));

        await etcd.KillAllAsync();
        await ClosedAsync(client);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await node.Node.StatusAsync("/readyz"));
        Assert.Equal(HttpStatusCode.OK, await node.Node.StatusAsync("/healthz"));
        Assert.Equal("0", await node.Node.MetricAsync("instancer_cluster_place"));
        await TestKit.Docker.Until.TrueAsync(async () => await node.Node.MetricAsync("instancer_cluster_fenced_total") == "1", stated: "it counts that it has lost its place");
        var list = (JsonArray)JsonNode.Parse((await node.Home.RunAsync(["nodes", "list", "--json", .. node.Admin])).Output)!;
        Assert.False((bool)Assert.Single(list)!["place"]!);

        await etcd.StartAgainAsync();
        await node.ReadyAsync();
        Assert.Equal("1", await node.Node.MetricAsync("instancer_cluster_place"));
    }

    private static string[] Words(string row) => row.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static async Task<(DateTimeOffset Expires, string Node)> ListedAsync(LoopbackNode asked)
    {
        var list = await asked.Home.RunAsync(["instances", "list", "--json", .. asked.Admin]);
        var instance = Assert.Single((JsonArray)JsonNode.Parse(list.Output)!)!;
        return (DateTimeOffset.Parse((string)instance["expiresAt"]!, CultureInfo.InvariantCulture), (string)instance["node"]!);
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(LoopbackNode asked, string path) =>
        [.. (await asked.Node.ListAsync(path)).Select(instance => (string)instance["node"]!)];
}
