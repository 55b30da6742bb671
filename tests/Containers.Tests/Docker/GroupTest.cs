using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

/// <summary>Instances of two containers: what a client says to web, web passes on to db, which answers.</summary>
public abstract class GroupTest(EngineFixture fixture) : EngineTest(fixture)
{
    protected DockerRuntime Capable => field ??= NewRuntime(namespaceObstacle: null);

    /// <summary>The instance; web listens once db does.</summary>
    protected static DockerTemplate Group(DockerAddress address = DockerAddress.Bridge, string db = "db") => Template(address: address) with
    {
        Name = "web",
        Command = ["/bin/sh", "-c", $"until nc {db} 5432 </dev/null; do sleep 0.02; done; exec nc -ll -p 1337 -e /bin/nc {db} 5432"],
        Companions = new Dictionary<string, ContainerTemplate> { ["db"] = Db },
    };

    protected static ContainerTemplate Db { get; } = new()
    {
        Image = TestImages.LineServer,
        Memory = 32 << 20,
        Command = Shell("echo 0 >/tmp/count; exec nc -ll -p 5432 -e /session"),
    };

    protected static IReadOnlyList<string> Shell(string script) => ["/bin/sh", "-c", script];

    /// <summary>The id of the only companion of that name.</summary>
    protected async Task<string> IdOfAsync(string member) => (string)Assert.Single(
        await Engine.ContainersAsync(NodeLabel), container => (string?)container!["Labels"]!["instancer.member"] == member)!["Id"]!;

    protected static async Task<IReadOnlyList<FoundBackend>> ListAsync(DockerRuntime runtime) =>
        Assert.IsType<ListOutcome.Listed>(await runtime.ListAsync(CancellationToken.None)).Backends;

    /// <summary>Nothing of the node is left, and nothing has removed it but what was tested.</summary>
    protected async Task AssertNothingIsLeftAsync() => Assert.Empty(await Engine.ContainersAsync(NodeLabel));
}
