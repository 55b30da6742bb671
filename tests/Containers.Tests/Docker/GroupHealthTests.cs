using System.Text.RegularExpressions;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

/// <summary>Companions whose images have a health check: what is to come waits for them.</summary>
[Collection(EngineCollection.Name)]
public sealed partial class GroupHealthTests(DockerEngineFixture fixture) : GroupTest(fixture)
{
    private static DockerTemplate Checked => Group() with
    {
        Companions = new Dictionary<string, ContainerTemplate> { ["db"] = Db with { Image = TestImages.ChecksHealth } },
    };

    [EngineFact]
    public async Task What_sessions_reach_starts_when_its_companion_is_healthy_and_not_before()
    {
        var key = NewKey();
        var starting = StartedAsync(Request(key, Checked));
        var db = await UnhealthyAsync();
        Assert.Single(await Engine.ContainersAsync(NodeLabel));
        // A listing of the process that starts takes nothing for left behind.
        Assert.Empty(await ListAsync(Runtime));
        Assert.False(starting.IsCompleted);

        await Engine.RunAsync(db, "/bin/sh", "-c", "echo >/tmp/healthy");
        var backend = await starting;
        Assert.Equal("1 olleh", await LineClient.AskAsync(backend.Address, "hello"));
        await StopAsync(key, backend.Id);
        await AssertNothingIsLeftAsync();
    }

    [EngineFact]
    public async Task A_companion_that_is_never_healthy_is_named()
    {
        var key = NewKey();
        var failed = await FailedAsync(Request(key, Checked), TimeSpan.FromSeconds(3));
        Assert.Equal(StartFailure.NotReady, failed.Failure);
        Assert.Matches(NeverHealthy(), failed.Reason);
        await StopAsync(key);
        await AssertNothingIsLeftAsync();
    }

    [EngineFact]
    public async Task A_companion_that_ends_before_it_is_healthy_is_named_and_nothing_is_left()
    {
        var starting = FailedAsync(Request(NewKey(), Checked));
        await Engine.KillAsync(await UnhealthyAsync());
        Assert.Equal(new StartOutcome.Failed(StartFailure.Exited, $"container db: {Killed} before the instance was ready"), await starting);
        await AssertNothingIsLeftAsync();
    }

    [EngineFact]
    public async Task The_next_process_removes_what_a_start_has_left_that_never_came_to_an_end()
    {
        var key = NewKey();
        using var giveUp = new CancellationTokenSource();
        var starting = NewRuntime().StartAsync(Request(key, Checked), giveUp.Token);
        await UnhealthyAsync();
        // As if the process had been killed here.
        await giveUp.CancelAsync();
        Assert.IsType<StartOutcome.Failed>(await starting);
        Assert.Single(await Engine.ContainersAsync(NodeLabel));
        Assert.Empty(await ListAsync(NewRuntime()));
        await AssertNothingIsLeftAsync();
    }

    [GeneratedRegex(@"\Acontainer db: its health check had not passed within [0-9.]+ s: exit status 1: no flag yet\z")]
    private static partial Regex NeverHealthy();

    private async Task<string> UnhealthyAsync()
    {
        await Until.TrueAsync(
            async () => (await Engine.ContainersAsync(NodeLabel)) is [{ } db] && (string?)(await Engine.InspectAsync((string)db["Id"]!))?["State"]?["Health"]?["Status"] == "unhealthy",
            stated: "its health check has failed twice");
        return await IdOfAsync("db");
    }
}
