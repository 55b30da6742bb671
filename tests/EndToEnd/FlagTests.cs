using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Processes;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>Each instance has a flag of its own, and the node knows whose it is.</summary>
public sealed class FlagTests(ITestOutputHelper output, DockerEngineFixture fixture) : EngineNodeTest(output, fixture)
{
    private const string Script = "exec busybox nc -ll -p \"$1\" -e busybox sh -c 'echo $FLAG'";

    [BusyboxFact]
    public async Task A_flag_tells_whose_it_is_even_after_the_instance_and_the_node_are_gone()
    {
        Serve(Challenges.Shell(Script));
        var node = await StartAsync();
        var flag = await FlagAsync(node, 1);
        var other = await FlagAsync(node, 2);
        Assert.Matches(@"\AFLAG\{[0-9A-Za-z]{32}\}\z", flag);
        Assert.NotEqual(flag, other);
        Assert.Equal(flag, await FlagAsync(node, 1));
        await node.StopInstancesAsync();
        await node.StopAsync();

        node = await StartAsync();
        Assert.NotEqual(flag, await FlagAsync(node, 1));
        string[] at = ["--admin", node.AdminAddress, "--config", Home.WriteConfiguration()];
        var told = JsonNode.Parse((await Home.RunAsync(["flag", flag, "--json", .. at])).Output)!;
        Assert.Equal($"pwn/{Home.Token.Hash}/1", (string)told["key"]!);
        Assert.Equal((string)(await node.InstancesAsync())[0]["client"]!, (string)told["client"]!);
        Assert.Contains($"pwn/{Home.Token.Hash}/2", (await Home.RunAsync(["flag", other, .. at])).Output, StringComparison.Ordinal);
        Assert.Equal(new CommandResult(1, "", "instancer: this flag was given to nobody"), await Home.RunAsync(["flag", "FLAG{guess}", .. at]));
        await node.StopInstancesAsync();
        await node.StopAsync();
        AssertSecret(node, flag, other);
    }

    [EngineFact]
    public async Task A_container_has_its_flag_and_neither_label_nor_name_tells_it()
    {
        var challenge = Challenges.Docker(TestImages.Base);
        challenge["command"] = new JsonArray("/bin/busybox", "nc", "-ll", "-p", "1337", "-e", "/bin/sh", "-c", "echo $SECRET");
        challenge["flagVariable"] = "SECRET";
        Serve(challenge);
        var node = await StartAsync();
        var flag = await FlagAsync(node, 1);
        Assert.Matches(@"\AFLAG\{[0-9A-Za-z]{32}\}\z", flag);
        var listed = Assert.Single(await Engine!.ContainersAsync("instancer.node=" + Home.Name));
        Assert.DoesNotContain(flag, listed!.ToJsonString(), StringComparison.Ordinal);
        await node.StopInstancesAsync();
        await node.StopAsync();
        AssertSecret(node, flag);
    }

    [EngineFact]
    public async Task A_spare_has_its_clients_flag_in_a_file()
    {
        var challenge = Challenges.Docker(TestImages.Base);
        challenge["command"] = new JsonArray("/bin/busybox", "nc", "-ll", "-p", "1337", "-e", "/bin/sh", "-c", "cat /flag.txt; echo variable $FLAG");
        challenge["flagFile"] = "/flag.txt";
        challenge["warm"] = 1;
        Serve(challenge);
        var node = await StartAsync();
        await Until.TrueAsync(async () => (await node.InstancesAsync()).Any(instance => (string)instance["state"]! == "warm"), stated: "a spare is ready");
        using var client = await node.ConnectAsync(Home.Token, 1);
        var flag = await client.ReceiveLineAsync();
        Assert.Matches(@"\AFLAG\{[0-9A-Za-z]{32}\}\z", flag);
        Assert.Equal("variable", await client.ReceiveLineAsync());
        await Until.TrueAsync(async () => (await node.InstancesAsync()).Any(instance => (string)instance["state"]! is "ready" or "idle"), stated: "it is noted whose it is");
        string[] at = ["--admin", node.AdminAddress, "--config", Home.WriteConfiguration()];
        Assert.Contains($"pwn/{Home.Token.Hash}/1", (await Home.RunAsync(["flag", flag, .. at])).Output, StringComparison.Ordinal);
        await node.StopInstancesAsync();
        await node.StopAsync();
        AssertSecret(node, flag);
    }

    private void Serve(JsonObject challenge)
    {
        challenge["flag"] = "FLAG{{random}}";
        Home.Serve("pwn", challenge, ports: 10);
    }

    private async Task<string> FlagAsync(TestNode node, int identifier)
    {
        using var client = await node.ConnectAsync(Home.Token, identifier);
        return await client.ReceiveLineAsync();
    }

    private void AssertSecret(TestNode node, params string[] flags)
    {
        foreach (var flag in flags)
        {
            Assert.DoesNotContain(node.Process.Lines, line => line.Contains(flag, StringComparison.Ordinal));
            Assert.DoesNotContain(flag, File.ReadAllText(Path.Combine(Home.Directory, "var", "flags")), StringComparison.Ordinal);
        }
    }
}
