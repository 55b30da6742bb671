using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Processes;

namespace Instancer.EndToEnd.Deploy;

/// <summary>docker-compose.cluster.yml, run as its comment says.</summary>
public sealed partial class DeployTests
{
    private static readonly string[] Nodes = ["node-1", "node-2"];

    [EngineFact]
    public async Task Composed_for_a_cluster_there_are_two_nodes_that_differ_in_name_address_and_state()
    {
        Home.Environment["ETCD_IMAGE"] = "an/etcd";
        Home.Environment["INSTANCER_NETWORK"] = "10.99.0";
        var lines = await ComposeClusterAsync("config");
        var services = lines.Select(line => line.Trim()).ToHashSet();
        Assert.Superset(
            new HashSet<string>
            {
                "INSTANCER__NODE: node-1", "INSTANCER__NODE: node-2", "INSTANCER__CLUSTER__ADVERTISE: 10.99.0.11:7946", "INSTANCER__CLUSTER__ADVERTISE: 10.99.0.12:7946",
                "ipv4_address: 10.99.0.11", "ipv4_address: 10.99.0.12", "- state-1:/instancer/var:rw", "- state-2:/instancer/var:rw", "image: an/etcd",
                "INSTANCER__CLUSTER__ETCD__0: http://etcd:2379",
            },
            services);
        Assert.Equal(2, lines.Count(line => line.Trim() == "INSTANCER__CLUSTER__SECRETFILE: /instancer/cluster-secret"));
    }

    [EngineAndEtcdFact]
    public async Task Composed_two_nodes_are_one_cluster()
    {
        var ports = PortBlock.Take(2);
        var challenge = Challenges.Docker();
        challenge["port"] = ports.First;
        Home.Serve("pwn", challenge);
        Home.Options["admin"]!["port"] = AdminPort;
        Home.Environment["DOCKER_SOCKET"] = Socket;
        Home.Environment["INSTANCER_HOCON"] = WriteConfiguration();
        Home.Environment["INSTANCER_SECRET"] = WriteSecret();
        Home.Environment["INSTANCER_NETWORK"] = $"10.{Random.Shared.Next(100, 200)}.{Random.Shared.Next(0, 255)}";
        Home.Environment["INSTANCER_PORTS_1"] = $"127.0.0.1:{ports.First}:{ports.First}";
        Home.Environment["INSTANCER_PORTS_2"] = $"127.0.0.1:{ports.Last}:{ports.First}";
        await image.UseAsync(Home);
        await using var etcd = new EtcdImage(Home, Engine);
        await etcd.MakeAsync();
        Home.Environment["ETCD_IMAGE"] = etcd.Name;
        try
        {
            await ComposeClusterAsync("up", "--detach");
            await ServesThroughBothAsync(ports);
        }
        finally
        {
            await ComposeClusterAsync("logs", "--no-color");
            await ComposeClusterAsync("down", "--volumes");
        }

        Assert.Empty(await Engine.ContainersAsync("com.docker.compose.project=" + Home.Name));
        Assert.Empty(await ComposedInstancesAsync());
    }

    private async Task ServesThroughBothAsync(PortBlock ports)
    {
        Assert.Equal(
            ["etcd", "node-1", "node-2"],
            (await Engine.ContainersAsync("com.docker.compose.project=" + Home.Name)).Select(container => (string)container!["Labels"]!["com.docker.compose.service"]!).Order());
        await Until.TrueAsync(
            async () => (await Task.WhenAll(Nodes.Select(PlacesAsync))).All(places => places == 2), stated: "both nodes have their places, and know of each other");

        var made = await Home.RunAsync("docker-compose", ClusterWords("exec", "-T", "node-1", "instancer", "token", "new", "ann"), mayShowToken: true);
        var token = TestToken.Of(made.Output.Trim());
        Assert.Equal("1 olleh", await AskWhenItServesAsync(ports.First, token, "hello"));
        Assert.Equal("2 dlrow", await AskWhenItServesAsync(ports.Last, token, "world"));
        Assert.Single(await ComposedInstancesAsync());
        Assert.Equal("1 olleh", await AskAsync(ports.Last, token, "hello", identifier: 2));
        Assert.Equal("2 dlrow", await AskAsync(ports.First, token, "world", identifier: 2));
        Assert.Equal(Nodes, (await ComposedInstancesAsync()).Order());

        // No other token is accepted: two nodes that start at once would each make one.
        Assert.Equal("ann", (string)Assert.Single((JsonArray)JsonNode.Parse(string.Join('\n', await ComposeClusterAsync("exec", "-T", "node-2", "instancer", "token", "list", "--json")))!)!["name"]!);
        foreach (var identifier in new[] { 1, 2 })
        {
            await ComposeClusterAsync("exec", "-T", "node-2", "instancer", "instances", "stop", $"pwn/{token.Hash}/{identifier}");
        }

        Assert.Empty(await ComposedInstancesAsync());
    }

    // How many nodes have a place, as one of them knows; none while it cannot be asked yet.
    private async Task<int> PlacesAsync(string node)
    {
        var list = await Home.RunAsync("docker-compose", ClusterWords("exec", "-T", node, "instancer", "nodes", "list", "--json"), mayShowToken: false);
        return list.ExitCode != 0 ? 0 : ((JsonArray)JsonNode.Parse(list.Output)!).Count(view => (bool)view!["place"]!);
    }

    /// <summary>The nodes of the instances that there are.</summary>
    private async Task<IReadOnlyList<string>> ComposedInstancesAsync() =>
        [.. (await Task.WhenAll(Nodes.Select(node => Engine.ContainersAsync("instancer.node=" + node))))
            .SelectMany(containers => containers).Select(container => (string)container!["Labels"]!["instancer.node"]!)];

    private string WriteSecret()
    {
        var path = Path.Combine(Home.Directory, "cluster-secret");
        File.WriteAllText(path, Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)) + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }

    private string[] ClusterWords(params string[] words) => GatewayImage.Words("docker-compose.cluster.yml", Home, words);

    private Task<List<string>> ComposeClusterAsync(params string[] words) => Home.SucceedsAsync(TimeSpan.FromMinutes(1), "docker-compose", ClusterWords(words));
}
