using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>What goes wrong between a node and a real engine.</summary>
public sealed class EngineFailureTests(ITestOutputHelper output, DockerEngineFixture fixture) : EngineNodeTest(output, fixture)
{
    [EngineFact]
    public async Task The_engine_is_not_there_and_then_it_is()
    {
        var path = Path.Combine(Home.Directory, "engine.sock");
        Home.Environment["DOCKER_HOST"] = "unix://" + path;
        Home.Serve("pwn", Challenges.Docker(), ports: 10);
        var node = await StartAsync();
        await node.Process.LineAsync("The container engine cannot be used: ");
        using (var client = await node.ConnectAsync(Home.Token))
        {
            await client.ExpectEndAsync();
        }

        Assert.Contains(path, (string?)Assert.Single(await node.InstancesAsync())["lastFailure"], StringComparison.Ordinal);

        await using var proxy = new FaultProxy(path, Engine.Host, new RequestFaults());
        await Until.TrueAsync(async () => await node.StatusAsync("/readyz") == System.Net.HttpStatusCode.OK, stated: "the node is ready");
        Assert.Equal("1 olleh", await node.AskOnceAsync(Home.Token, 1, "hello"));
        await node.StopInstancesAsync();
        await node.StopAsync();
    }

    [EngineFact]
    public async Task The_image_is_not_there_and_then_it_is()
    {
        var image = "instancer-test/" + Home.Name;
        Home.Serve("pwn", Challenges.Docker(image), ports: 10);
        var node = await StartAsync();
        await FailsAsync(node, image);
        await Engine.SendAsync(HttpMethod.Post, $"images/{TestImages.LineServer}/tag?repo={Uri.EscapeDataString(image)}&tag=latest");
        Assert.Equal("1 olleh", await node.AskOnceAsync(Home.Token, 1, "hello"));
        await node.StopInstancesAsync();
        await Engine.SendAsync(HttpMethod.Delete, $"images/{image}", absentIsFine: true);
    }

    [EngineFact]
    public async Task A_command_that_exits_at_once()
    {
        Home.Serve("pwn", Challenges.Docker(TestImages.ExitsAtOnce), ports: 10);
        Home.Serve("good", Challenges.Docker());
        var node = await StartAsync();
        await FailsAsync(node, "cannot open the flag");
        Assert.Equal("1 olleh", await node.AskOnceAsync(Home.Token, 1, "hello", "good"));
    }

    [EngineFact]
    public async Task A_port_that_never_listens()
    {
        Home.Serve("pwn", Challenges.Docker(TestImages.NeverListens), ports: 10);
        Home.Options["challenges"]!["pwn"]!["startTimeout"] = "00:00:03";
        Home.Serve("good", Challenges.Docker());
        var node = await StartAsync();
        await FailsAsync(node, $"nothing listened on port {TestImages.Port}");
        Assert.Equal("1 olleh", await node.AskOnceAsync(Home.Token, 1, "hello", "good"));
    }

    [EngineFact]
    public async Task A_container_that_is_killed_in_mid_session()
    {
        Home.Serve("pwn", Challenges.Docker(), ports: 10);
        var node = await StartAsync();
        var (client, _) = await node.AskAsync(Home.Token, 1, "hello");
        await Engine.KillAsync(Assert.Single(await ContainersAsync()));
        await client.ExpectGoneAsync();
        await node.InstancesAreAsync(all => all.Count == 0, "the killed container's instance is gone");
        Assert.Equal("1 dlrow", await node.AskOnceAsync(Home.Token, 1, "world"));
        Assert.Single(await ContainersAsync());
    }

    [EngineFact]
    public async Task A_container_that_is_removed_in_mid_session()
    {
        Home.Serve("pwn", Challenges.Docker(), ports: 10);
        var node = await StartAsync();
        var (client, _) = await node.AskAsync(Home.Token, 1, "hello");
        await Engine.RemoveAsync(Assert.Single(await ContainersAsync()));
        await client.ExpectGoneAsync();
        Assert.Equal("1 dlrow", await node.AskOnceAsync(Home.Token, 1, "world"));
        Assert.Single(await ContainersAsync());
    }

    [EngineFact]
    public async Task A_server_that_runs_out_of_memory()
    {
        Home.Serve("pwn", Challenges.Docker(), ports: 10);
        Home.Options["challenges"]!["pwn"]!["command"] = new System.Text.Json.Nodes.JsonArray(
            "/bin/sh", "-c", "trap 'exec busybox tail /dev/zero' USR1; echo 0 >/tmp/count; nc -ll -p 1337 -e /session & while :; do sleep 0.05; done");
        var node = await StartAsync();
        var (client, _) = await node.AskAsync(Home.Token, 1, "hello");
        await Engine.KillAsync(Assert.Single(await ContainersAsync()), "USR1");
        await client.ExpectGoneAsync();
        await node.Process.LineAsync("out of memory)");
        Assert.Equal("1 dlrow", await node.AskOnceAsync(Home.Token, 1, "world"));
        Assert.Single(await ContainersAsync());
    }

    [EngineFact]
    public async Task A_container_whose_image_is_deleted_while_it_runs()
    {
        var image = "instancer-test/" + Home.Name;
        await Engine.SendAsync(HttpMethod.Post, $"images/{TestImages.LineServer}/tag?repo={Uri.EscapeDataString(image)}&tag=latest");
        Home.Serve("pwn", Challenges.Docker(image), ports: 10);
        var node = await StartAsync();
        var (client, _) = await node.AskAsync(Home.Token, 1, "hello");
        await Engine.SendAsync(HttpMethod.Delete, $"images/{image}");
        Assert.Equal("2 dlrow", await client.AskAsync("world"));
        using (var second = await node.ConnectAsync(Home.Token, 2))
        {
            await second.ExpectEndAsync();
        }

        await node.Process.LineAsync($"/2 did not start: image {image} is not on the engine");
        Assert.Equal("3 niaga", await client.AskAsync("again"));
        Assert.Single(await ContainersAsync());
    }

    [EngineFact]
    public async Task A_name_that_is_a_strangers()
    {
        Home.Serve("pwn", Challenges.Docker(), ports: 10);
        var node = await StartAsync();
        var name = $"instancer-{Home.Name}-pwn-{Home.Token.Hash}-1";
        var body = new System.Text.Json.Nodes.JsonObject { ["Image"] = TestImages.NeverListens };
        var stranger = (string)(await Engine.SendAsync(HttpMethod.Post, $"containers/create?name={name}", body))!["Id"]!;
        try
        {
            await FailsAsync(node, $"the name {name} is taken by a container that is not Instancer's");
            Assert.NotNull(await Engine.InspectAsync(stranger));
        }
        finally
        {
            await Engine.RemoveAsync(stranger);
        }

        Assert.Equal("1 olleh", await node.AskOnceAsync(Home.Token, 1, "hello"));
    }

    [EngineFact]
    public async Task Reset_while_the_instance_stops()
    {
        var path = Path.Combine(Home.Directory, "engine.sock");
        var faults = new RequestFaults().On("DELETE", RequestFault.Hold);
        await using var proxy = new FaultProxy(path, Engine.Host, faults);
        Home.Environment["DOCKER_HOST"] = "unix://" + path;
        Home.Serve("pwn", Challenges.Docker(), ports: 10);
        var node = await StartAsync();
        Assert.Equal("1 olleh", await node.AskOnceAsync(Home.Token, 1, "hello"));
        var old = Assert.Single(await ContainersAsync());

        using var first = await node.ConnectAsync(Home.Token, 0);
        await faults.Met.WaitAsync(Until.Deadline);
        using var second = await node.ConnectAsync(Home.Token, 0);
        using var waiting = await node.ConnectAsync(Home.Token, 1);
        await node.InstancesAreAsync(
            all => all is [var one] && (string?)one["state"] == "stopping" && (int?)one["waiting"] == 1, "one waits for the instance that stops");
        faults.Release();

        string[] answers = [await first.AskAsync("hello"), await second.AskAsync("hello")];
        Assert.Equal(["1 olleh", "2 olleh"], answers.Order(StringComparer.Ordinal));
        Assert.Equal("1 dlrow", await waiting.AskAsync("world"));
        Assert.DoesNotContain(old, await ContainersAsync());
        await node.StopInstancesAsync();
        await node.StopAsync();
    }

    private async Task FailsAsync(TestNode node, string reason)
    {
        using var client = await node.ConnectAsync(Home.Token, 1, "pwn");
        await client.ExpectEndAsync();
        await node.Process.LineAsync(line => line.Contains(" did not start: ", StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal), reason);
        var failed = Assert.Single(await node.InstancesAsync());
        Assert.Equal("failed", (string?)failed["state"]);
        Assert.Contains(reason, (string?)failed["lastFailure"], StringComparison.Ordinal);
        Assert.Empty(await ContainersAsync());
    }
}
