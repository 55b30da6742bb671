using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>An engine of the tests' own, which they may stop and start.</summary>
public sealed class DaemonFixture : IAsyncLifetime
{
    private DockerDaemon? _daemon;
    private EngineApi? _engine;

    internal DockerDaemon Daemon => _daemon ?? throw new InvalidOperationException("The fixture has not started.");

    internal EngineApi Engine => _engine ?? throw new InvalidOperationException("The fixture has not started.");

    public async Task InitializeAsync()
    {
        if (DockerDaemon.Obstacle is null)
        {
            _daemon = await DockerDaemon.StartAsync();
            _engine = new EngineApi(_daemon.Host);
            await TestImages.BuildAsync(_engine);
        }
    }

    public async Task DisposeAsync()
    {
        _engine?.Dispose();
        if (_daemon is not null)
        {
            await _daemon.DisposeAsync();
        }
    }
}

/// <summary>The engine itself stops, starts and hangs beneath a node that runs on.</summary>
public sealed class EngineRestartTests : NodeTest, IClassFixture<DaemonFixture>
{
    private readonly DaemonFixture _fixture;

    public EngineRestartTests(ITestOutputHelper output, DaemonFixture fixture)
        : base(output)
    {
        _fixture = fixture;
        if (DockerDaemon.Obstacle is null)
        {
            Home.Environment["DOCKER_HOST"] = fixture.Daemon.Host;
        }

        Home.Serve("pwn", Challenges.Docker(), ports: 10);
    }

    private protected override EngineApi Engine => _fixture.Engine;

    private DockerDaemon Daemon => _fixture.Daemon;

    [DaemonFact]
    public async Task Stopped_with_all_containers_and_started_again()
    {
        var node = await StartAsync();
        var (client, _) = await node.AskAsync(Home.Token, 1, "hello");
        Assert.Equal("1 rehto", await node.AskOnceAsync(Home.Token, 2, "other"));

        await Daemon.StopAsync();
        await node.Process.LineAsync("The stream of the engine's events ended");
        using (var meanwhile = await node.ConnectAsync(Home.Token, 3))
        {
            await meanwhile.ExpectGoneAsync();
        }

        Assert.Contains(
            await node.InstancesAsync(),
            instance => ((string?)instance["lastFailure"])?.StartsWith("cannot reach the Docker engine at ", StringComparison.Ordinal) == true);

        // An engine that does not wait for its containers to end kills them when it is there again.
        await Daemon.StartAgainAsync();
        await client.ExpectGoneAsync();
        await node.InstancesAreAsync(
            all => all.All(instance => (string?)instance["state"] == "failed"), "the instances that went with the engine are gone");
        for (var identifier = 1; identifier <= 3; identifier++)
        {
            Assert.Equal("1 olleh", await node.AskOnceAsync(Home.Token, identifier, "hello"));
        }

        Assert.Equal(3, await CountAsync());
    }

    [DaemonFact]
    public async Task Restarted_with_its_containers_left_running()
    {
        await Daemon.StopAsync();
        await Daemon.StartAgainAsync("--live-restore");
        var node = await StartAsync();
        var (client, answer) = await node.AskAsync(Home.Token, 1, "hello");
        Assert.Equal("1 olleh", answer);

        await Daemon.StopAsync();
        await node.Process.LineAsync("The stream of the engine's events ended");
        Assert.Equal("2 dlrow", await client.AskAsync("world"));
        Assert.Equal("3 niaga", await node.AskOnceAsync(Home.Token, 1, "again"));
        await Daemon.StartAgainAsync("--live-restore");
        Assert.Equal("4 hcum", await client.AskAsync("much"));
        Assert.Equal("1 rehto", await node.AskOnceAsync(Home.Token, 2, "other"));
        Assert.Equal(2, await CountAsync());

        // The exits of what outlived a restart are seen as before.
        var first = (await Engine.ContainersAsync("instancer.node=" + Home.Name)).Single(container => (string?)container!["Labels"]!["instancer.identifier"] == "1");
        await Engine.KillAsync((string)first!["Id"]!);
        await client.ExpectGoneAsync();
        Assert.Equal("1 wen", await node.AskOnceAsync(Home.Token, 1, "new"));
    }

    [DaemonFact]
    public async Task Hung_and_then_going_on()
    {
        Home.Options["challenges"]!["pwn"]!["startTimeout"] = "00:00:03";
        Home.Options["startQueue"] = new System.Text.Json.Nodes.JsonObject { ["timeout"] = "00:00:06" };
        var node = await StartAsync();
        var (client, _) = await node.AskAsync(Home.Token, 1, "hello");
        await Daemon.SignalAsync("STOP");
        try
        {
            // What runs does not need the engine.
            Assert.Equal("2 dlrow", await client.AskAsync("world"));
            using var waiting = await node.ConnectAsync(Home.Token, 2);
            await node.Process.LineAsync("did not start: the engine had not made the container after ");
            await waiting.ExpectEndAsync();
            var stuck = (await node.InstancesAsync()).Single(instance => ((string)instance["key"]!).EndsWith("/2", StringComparison.Ordinal));
            Assert.StartsWith("the engine had not made the container after ", (string?)stuck["lastFailure"], StringComparison.Ordinal);
            Assert.Equal("stopping", (string?)stuck["state"]);
        }
        finally
        {
            await Daemon.SignalAsync("CONT");
        }

        Assert.Equal("1 olleh", await node.AskOnceAsync(Home.Token, 2, "hello"));
        Assert.Equal("3 niaga", await client.AskAsync("again"));
        Assert.Equal(2, await CountAsync());
    }

    private async Task<int> CountAsync() => (await Engine.ContainersAsync("instancer.node=" + Home.Name)).Count;
}
