using System.Text.RegularExpressions;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.Containers.Docker.Engine;
using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

/// <summary>Images with a health check of their own.</summary>
[Collection(EngineCollection.Name)]
public sealed partial class HealthTests(DockerEngineFixture fixture) : EngineTest(fixture)
{
    private static readonly DockerAddress[] Addresses = [DockerAddress.Namespace, DockerAddress.Bridge, DockerAddress.Published];

    private DockerRuntime Capable => field ??= NewRuntime(namespaceObstacle: null);

    [EngineFact]
    public async Task A_container_that_listens_is_ready_when_it_is_healthy_and_not_before()
    {
        foreach (var address in Addresses)
        {
            var request = Request(NewKey(), Template(TestImages.ChecksHealth, address));
            var starting = StartedAsync(request, Capable);
            var id = await UnhealthyAsync();
            Assert.False(starting.IsCompleted);

            await Engine.RunAsync(id, "/bin/sh", "-c", "echo >/tmp/healthy");
            var backend = await starting;
            Assert.Equal(id, backend.Id);
            Assert.Equal("healthy", await StatusAsync(id));
            Assert.Equal("1 olleh", await LineClient.AskAsync(backend.Address, "hello"));
            await StopAsync(request.Key);
        }
    }

    [EngineFact]
    public async Task One_that_is_never_healthy_is_given_up_with_the_last_words_of_its_check()
    {
        var key = NewKey();
        var failed = await FailedAsync(Request(key, Template(TestImages.ChecksHealth)), TimeSpan.FromSeconds(3));
        Assert.Equal(StartFailure.NotReady, failed.Failure);
        Assert.Matches(NeverHealthy(), failed.Reason);
        await StopAsync(key);
    }

    [EngineFact]
    public async Task One_that_ends_before_it_is_healthy_is_reported_as_such()
    {
        var request = Request(NewKey(), Template(TestImages.ChecksHealth));
        var starting = FailedAsync(request);
        await Engine.KillAsync(await UnhealthyAsync());
        Assert.Equal(new StartOutcome.Failed(StartFailure.Exited, Killed + " before its health check passed"), await starting);
    }

    [EngineFact]
    public async Task The_next_process_takes_over_what_is_healthy_and_nothing_else()
    {
        var request = Request(NewKey(), Template(TestImages.ChecksHealth));
        var starting = StartedAsync(request);
        var id = await UnhealthyAsync();
        Assert.False(await IsUsableAsync());

        await Engine.RunAsync(id, "/bin/sh", "-c", "echo >/tmp/healthy");
        var backend = await starting;
        Assert.True(await IsUsableAsync());
        var adopted = await StartedAsync(request, NewRuntime());
        Assert.Equal((backend.Id, backend.Address), (adopted.Id, adopted.Address));

        // What becomes unhealthy later goes on; only a next process does not take it over.
        await Engine.RunAsync(id, "/bin/busybox", "rm", "/tmp/healthy");
        await Until.TrueAsync(async () => await StatusAsync(id) == "unhealthy", stated: "the health check fails again");
        Assert.False(await IsUsableAsync());
        Assert.Equal("1 olleh", await LineClient.AskAsync(backend.Address, "hello"));
        Assert.False(backend.Exited.IsCompleted);
        await StopAsync(request.Key);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("none", false)]
    [InlineData("healthy", false)]
    [InlineData("starting", true)]
    [InlineData("unhealthy", true)]
    public void Only_a_check_that_there_is_and_that_has_not_passed_holds_back(string? status, bool holdsBack)
    {
        Assert.Equal(holdsBack, HealthCheck.HoldsBack(new Health(status, null)));
        Assert.False(HealthCheck.HoldsBack(null));
    }

    [Fact]
    public void Why_it_has_not_passed_is_one_line()
    {
        Assert.Equal("exit status 1: a b", Explained(new(0, "fine"), new(1, "a\nb\n")));
        Assert.Equal("exit status 2", Explained(new HealthCheckResult(2, "")));
        Assert.Equal("Health check exceeded timeout (1s)", Explained(new HealthCheckResult(-1, "Health check exceeded timeout (1s)")));
        Assert.StartsWith("it has not ended once", Explained(), StringComparison.Ordinal);
        Assert.Equal(Explained(), HealthCheck.Explain(null));

        static string Explained(params HealthCheckResult[] log) => HealthCheck.Explain(new Health("starting", log));
    }

    [GeneratedRegex(@"\Ait listens on port 1337, but its health check had not passed within [0-9.]+ s: exit status 1: no flag yet\z")]
    private static partial Regex NeverHealthy();

    // The only container there is, once its check has failed often enough.
    private async Task<string> UnhealthyAsync()
    {
        var id = "";
        await Until.TrueAsync(
            async () => (id = (string?)(await Engine.ContainersAsync(NodeLabel)).SingleOrDefault()?["Id"] ?? "").Length > 0 && await StatusAsync(id) == "unhealthy",
            stated: "its health check has failed twice");
        return id;
    }

    private async Task<string?> StatusAsync(string id) => (string?)(await Engine.InspectAsync(id))?["State"]?["Health"]?["Status"];

    private async Task<bool> IsUsableAsync() =>
        Assert.Single(Assert.IsType<ListOutcome.Listed>(await NewRuntime().ListAsync(CancellationToken.None)).Backends).Usable;
}
