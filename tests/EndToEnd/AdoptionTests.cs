using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>Containers outlive the node: the next start takes up those that still fit, and removes the others.</summary>
public sealed class AdoptionTests : EngineNodeTest
{
    public AdoptionTests(ITestOutputHelper output, DockerEngineFixture fixture)
        : base(output, fixture) => Home.Serve("pwn", Challenges.Docker(), ports: 10);

    [EngineFact]
    public async Task After_kill_9_a_key_meets_the_same_container()
    {
        var killed = await StartAsync();
        var (first, answer) = await killed.AskAsync(Home.Token, 1, "hello");
        Assert.Equal("1 olleh", answer);
        Assert.Equal("1 rehto", await killed.AskOnceAsync(Home.Token, 2, "other"));
        var containers = await ContainersAsync();
        await killed.Process.KillAsync();
        await first.ExpectGoneAsync();

        var node = await StartAsync();
        Assert.Equal("2 dlrow", await node.AskOnceAsync(Home.Token, 1, "world"));
        Assert.Equal("2 niaga", await node.AskOnceAsync(Home.Token, 2, "again"));
        Assert.Equal(containers.Order(StringComparer.Ordinal), (await ContainersAsync()).Order(StringComparer.Ordinal));
    }

    [EngineFact]
    public async Task Killed_in_the_middle_of_starts_nothing_is_leaked()
    {
        var killed = await StartAsync();
        var clients = await Task.WhenAll(Enumerable.Range(1, 6).Select(identifier => killed.ConnectAsync(Home.Token, identifier)));
        await Until.TrueAsync(async () => (await ContainersAsync()).Count >= 2, stated: "some containers have been made");
        await killed.Process.KillAsync();
        Array.ForEach(clients, client => client.Dispose());

        // What the engine was still doing for the killed node ends in a container that is listed, or in none.
        var node = await StartAsync();
        for (var identifier = 1; identifier <= 6; identifier++)
        {
            Assert.EndsWith(" olleh", await node.AskOnceAsync(Home.Token, identifier, "hello"), StringComparison.Ordinal);
        }

        Assert.Equal(6, (await ContainersAsync()).Count);
    }

    [EngineFact]
    public async Task After_SIGTERM_a_key_meets_the_same_container()
    {
        var stopped = await StartAsync();
        Assert.Equal("1 olleh", await stopped.AskOnceAsync(Home.Token, 1, "hello"));
        await stopped.StopAsync();
        Assert.Single(await ContainersAsync());
        var node = await StartAsync();
        Assert.Equal("2 dlrow", await node.AskOnceAsync(Home.Token, 1, "world"));
    }

    [EngineFact]
    public async Task A_container_that_does_not_fit_the_configuration_any_more_is_removed()
    {
        var stopped = await StartAsync();
        Assert.Equal("1 olleh", await stopped.AskOnceAsync(Home.Token, 1, "hello"));
        await stopped.StopAsync();
        var old = Assert.Single(await ContainersAsync());

        Home.Options["challenges"]!["pwn"]!["memory"] = "48MiB";
        var node = await StartAsync();
        await Until.TrueAsync(async () => !(await ContainersAsync()).Contains(old), stated: "the old container is gone");
        Assert.Equal("1 dlrow", await node.AskOnceAsync(Home.Token, 1, "world"));
    }
}
