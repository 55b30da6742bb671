using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Processes;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>Containers that are started before anybody asks, each given to one client and never to a second.</summary>
public sealed class WarmTests(ITestOutputHelper output, DockerEngineFixture fixture) : EngineNodeTest(output, fixture)
{
    private const string Script = "exec busybox nc -ll -p \"$1\" -e busybox sh -c 'echo $FLAG'";

    [EngineFact]
    public async Task Clients_get_spares_and_after_kill_9_meet_them_again_while_nobodys_spare_is_used()
    {
        Serve(Challenges.Docker(), warm: 2);
        var killed = await StartAsync();
        var spares = await SparesAsync(killed, 2);
        Assert.Equal("1 olleh", await killed.AskOnceAsync(Home.Token, 1, "hello"));
        Assert.Equal("1 rehto", await killed.AskOnceAsync(Home.Token, 2, "other"));
        // A client is served while the engine is still told whose the container is.
        IReadOnlyList<string> taken = [];
        await Until.TrueAsync(async () => (taken = await NamedAsync("-1", "-2")).Count == 2, stated: "both have their clients' names");
        Assert.All(taken, container => Assert.Contains(container, spares));
        var left = await SparesAsync(killed, 2);
        Assert.DoesNotContain(left, taken.Contains);
        await killed.Process.KillAsync();

        var node = await StartAsync();
        Assert.Equal("2 dlrow", await node.AskOnceAsync(Home.Token, 1, "world"));
        Assert.Equal("2 niaga", await node.AskOnceAsync(Home.Token, 2, "again"));
        await Until.TrueAsync(async () => !(await ContainersAsync()).Any(left.Contains), stated: "the spares of before are gone");
        await SparesAsync(node, 2);
        Assert.Equal(4, (await ContainersAsync()).Count);
        await node.StopAsync();
        Assert.Equal(taken.Order(StringComparer.Ordinal), (await ContainersAsync()).Order(StringComparer.Ordinal));
        Assert.Equal("3 ecno", await (await StartAsync()).AskOnceAsync(Home.Token, 1, "once"));
    }

    [BusyboxFact]
    public async Task A_spares_flag_is_its_clients()
    {
        var challenge = Challenges.Shell(Script);
        challenge["flag"] = "FLAG{{random}}";
        Serve(challenge, warm: 1);
        var node = await StartAsync();
        await SparesAsync(node, 1);
        using var client = await node.ConnectAsync(Home.Token, 1);
        var flag = await client.ReceiveLineAsync();
        var key = $"pwn/{Home.Token.Hash}/1";
        // It is noted while the client is served already.
        await Until.TrueAsync(
            async () => (await node.InstancesAsync()).Any(instance => (string)instance["key"]! == key && (string)instance["state"]! == "ready"), stated: "it is noted");
        string[] at = ["--admin", node.AdminAddress, "--config", Home.WriteConfiguration()];
        var told = JsonNode.Parse((await Home.RunAsync(["flag", flag, "--json", .. at])).Output)!;
        Assert.Equal(key, (string)told["key"]!);
        await node.StopInstancesAsync();
        await node.StopAsync();
    }

    private void Serve(JsonObject challenge, int warm)
    {
        challenge["warm"] = warm;
        Home.Serve("pwn", challenge, ports: 10);
    }

    // Ready as the node says, and by their names on the engine, which tell whose a container is.
    private async Task<IReadOnlyList<string>> SparesAsync(TestNode node, int count)
    {
        await Until.TrueAsync(
            async () => (await node.InstancesAsync()).Count(instance => (string)instance["state"]! == "warm") == count, stated: $"{count} spares are ready");
        return await NamedAsync("-0");
    }

    private async Task<IReadOnlyList<string>> NamedAsync(params string[] endings) =>
    [
        .. (await Engine!.ContainersAsync("instancer.node=" + Home.Name))
            .Where(container => endings.Any(((string)container!["Names"]![0]!).EndsWith))
            .Select(container => (string)container!["Id"]!),
    ];
}
