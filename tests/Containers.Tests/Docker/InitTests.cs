using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.TestKit;
using Instancer.TestKit.Docker;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Tests.Docker;

/// <summary>With an engine that has no init to give, as Debian's whose package tini is gone.</summary>
public sealed class InitTests : IDisposable
{
    private const int NoInit = 2110;

    private readonly DirectoryInfo _path = Directory.CreateTempSubdirectory("instancer-test-");

    [DaemonFact]
    public async Task An_engine_without_an_init_is_done_without_and_that_is_logged_once()
    {
        LinkAllBut("docker-init");
        await using var daemon = await DockerDaemon.StartAsync(_path.FullName);
        await AssertDoneWithoutAsync(daemon.Host, "docker-init");
    }

    [PodmanFact]
    public async Task A_podman_without_an_init_is_done_without_and_that_is_logged_once()
    {
        await using var podman = await PodmanService.StartAsync(init: "/no-such-init");
        await AssertDoneWithoutAsync(podman.Host, "/no-such-init");
    }

    private static async Task AssertDoneWithoutAsync(string host, string named)
    {
        using var engine = new EngineApi(host);
        await TestImages.BuildAsync(engine, withHealthCheck: false);
        using var log = new RecordingLogger();
        await using var runtime = new DockerRuntime(
            new DockerRuntimeOptions { Node = "init-test", Host = host }, TimeProvider.System, new Logger<DockerRuntime>(log));
        var template = new DockerTemplate { Image = TestImages.LineServer, ContainerPort = TestImages.Port };
        var keys = Enumerable.Range(1, 3).Select(number => new InstanceKey("pwn", TokenHash.Random(), (ushort)number)).ToList();
        foreach (var key in keys)
        {
            var backend = EngineTest.BackendOf(await runtime.StartAsync(new StartRequest(key, template, null), CancellationToken.None));
            Assert.Equal("1 olleh", await LineClient.AskAsync(backend.Address, "hello"));
        }

        // As many containers as instances: none is left of the start that failed.
        Assert.Equal(keys.Count, (await engine.ContainersAsync("instancer.node=init-test")).Count);
        Assert.Contains(named, Assert.Single(log.Of(NoInit)).Text, StringComparison.Ordinal);
        foreach (var key in keys)
        {
            Assert.IsType<StopOutcome.Gone>(await runtime.StopAsync(key, null, CancellationToken.None));
        }
    }

    public void Dispose() => _path.Delete(recursive: true);

    private void LinkAllBut(string left)
    {
        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/usr/sbin", "/sbin"]).Where(Directory.Exists);
        foreach (var file in directories.SelectMany(Directory.EnumerateFiles).DistinctBy(Path.GetFileName).Where(file => Path.GetFileName(file) != left))
        {
            File.CreateSymbolicLink(Path.Combine(_path.FullName, Path.GetFileName(file)), file);
        }
    }
}
