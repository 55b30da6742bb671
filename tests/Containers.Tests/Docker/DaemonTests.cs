using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.TestKit.Docker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Containers.Tests.Docker;

/// <summary>With engines of the test's own, which it may stop; beside the one that other tests use at the same time.</summary>
public sealed class DaemonTests
{
    [DaemonFact]
    public async Task Two_engines_run_side_by_side_and_one_that_stops_is_unavailable_and_its_containers_have_exited()
    {
        var daemons = await Task.WhenAll(DockerDaemon.StartAsync(), DockerDaemon.StartAsync());
        try
        {
            var runtimes = daemons.Select(NewRuntime).ToList();
            var key = new Instancer.Actors.InstanceKey("pwn", Instancer.Actors.TokenHash.Random(), 1);
            var template = new DockerTemplate { Image = TestImages.LineServer, ContainerPort = TestImages.Port };
            var backends = new List<Backend>();
            for (var i = 0; i < daemons.Length; i++)
            {
                using var api = new EngineApi(daemons[i].Host);
                await TestImages.BuildAsync(api);
                Assert.IsType<DockerProbe.Usable>(await runtimes[i].ProbeAsync(CancellationToken.None));
                backends.Add(EngineTest.BackendOf(await runtimes[i].StartAsync(new StartRequest(key, template, null), CancellationToken.None)));
            }

            foreach (var backend in backends)
            {
                Assert.Equal("1 olleh", await LineClient.AskAsync(backend.Address, "hello"));
            }

            await daemons[0].DisposeAsync();
            await backends[0].Exited.WaitAsync(Until.Deadline);
            Assert.IsType<ListOutcome.Unavailable>(await runtimes[0].ListAsync(CancellationToken.None));
            var failed = Assert.IsType<StartOutcome.Failed>(await runtimes[0].StartAsync(new StartRequest(key, template, null), CancellationToken.None));
            Assert.Equal(StartFailure.Unavailable, failed.Failure);

            Assert.False(backends[1].Exited.IsCompleted);
            Assert.IsType<StopOutcome.Gone>(await runtimes[1].StopAsync(key, null, CancellationToken.None));
            foreach (var runtime in runtimes)
            {
                await runtime.DisposeAsync();
            }
        }
        finally
        {
            foreach (var daemon in daemons)
            {
                await daemon.DisposeAsync();
            }
        }
    }

    private static DockerRuntime NewRuntime(DockerDaemon daemon) => new(
        new DockerRuntimeOptions { Node = "daemon-test", Host = daemon.Host }, TimeProvider.System, NullLogger<DockerRuntime>.Instance);
}
