using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>Clients of a challenge of two containers: web passes on what they say to db, which answers and counts.</summary>
public sealed class GroupTests : EngineNodeTest
{
    public GroupTests(ITestOutputHelper output, DockerEngineFixture fixture)
        : base(output, fixture) => Home.Serve("pwn", Challenge(), ports: 10);

    [EngineFact]
    public async Task A_client_reaches_its_own_two_containers_and_after_kill_9_again()
    {
        var killed = await StartAsync();
        var (first, answer) = await killed.AskAsync(Home.Token, 1, "hello");
        Assert.Equal("1 olleh", answer);
        Assert.Equal("1 rehto", await killed.AskOnceAsync(Home.Token, 2, "other"));
        var instance = (await killed.InstancesAsync())[0];
        Assert.Equal(64 << 20, (int)instance["memory"]!);
        var containers = await ContainersAsync();
        Assert.Equal(4, containers.Count);
        await killed.Process.KillAsync();
        await first.ExpectGoneAsync();

        var node = await StartAsync();
        Assert.Equal("2 dlrow", await node.AskOnceAsync(Home.Token, 1, "world"));
        Assert.Equal("2 niaga", await node.AskOnceAsync(Home.Token, 2, "again"));
        Assert.Equal(containers.Order(StringComparer.Ordinal), (await ContainersAsync()).Order(StringComparer.Ordinal));

        // Either's end is the session's, and nothing of the instance stays.
        var (second, again) = await node.AskAsync(Home.Token, 1, "third");
        Assert.Equal("3 driht", again);
        await Engine.KillAsync(await DatabaseOfAsync(1));
        await second.ExpectGoneAsync();
        await node.InstancesAreAsync(all => all.Count == 1, "the instance whose database was killed is gone");
        await Until.TrueAsync(async () => (await ContainersAsync()).Count == 2, stated: "both its containers are gone");
        Assert.Equal("1 wen", await node.AskOnceAsync(Home.Token, 1, "new"));
    }

    [EngineFact]
    public async Task Killed_in_the_middle_of_starts_nothing_is_leaked()
    {
        var killed = await StartAsync();
        var clients = await Task.WhenAll(Enumerable.Range(1, 4).Select(identifier => killed.ConnectAsync(Home.Token, identifier)));
        await Until.TrueAsync(async () => (await ContainersAsync()).Count >= 3, stated: "some containers have been made");
        await killed.Process.KillAsync();
        Array.ForEach(clients, client => client.Dispose());

        var node = await StartAsync();
        for (var identifier = 1; identifier <= 4; identifier++)
        {
            Assert.EndsWith(" olleh", await node.AskOnceAsync(Home.Token, identifier, "hello"), StringComparison.Ordinal);
        }

        Assert.Equal(8, (await ContainersAsync()).Count);
    }

    [EngineFact]
    public async Task Check_shows_what_isolates_each()
    {
        var check = await Home.RunAsync("check", "--config", Home.WriteConfiguration());
        Assert.Equal(0, check.ExitCode);
        Assert.Contains("\n  container db: isolation: writable root, ", check.Output, StringComparison.Ordinal);
        Assert.Contains("\n  container web: isolation: read-only root, ", check.Output, StringComparison.Ordinal);
    }

    private static JsonObject Challenge() => new()
    {
        ["port"] = 0,
        ["runtime"] = "docker",
        ["containers"] = new JsonObject
        {
            ["web"] = Container("until nc db 5432 </dev/null; do sleep 0.02; done; exec nc -ll -p 1337 -e /bin/nc db 5432", ("containerPort", TestImages.Port)),
            ["db"] = Container("echo 0 >/tmp/count; exec nc -ll -p 5432 -e /session", ("readOnly", false)),
        },
    };

    private static JsonObject Container(string script, (string Name, JsonNode Value) option) => new()
    {
        ["image"] = TestImages.LineServer,
        ["command"] = new JsonArray("/bin/sh", "-c", script),
        ["memory"] = "32MiB",
        [option.Name] = option.Value,
    };

    private async Task<string> DatabaseOfAsync(int identifier) => (string)Assert.Single(
        await Engine.ContainersAsync("instancer.node=" + Home.Name),
        container => (string?)container!["Labels"]!["instancer.member"] == "db" && (string?)container["Labels"]!["instancer.identifier"] == $"{identifier}")!["Id"]!;
}
