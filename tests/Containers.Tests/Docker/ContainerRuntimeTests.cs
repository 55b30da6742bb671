using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.TestKit.Docker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Containers.Tests.Docker;

/// <summary>With a container runtime that is not known to use the host's kernel.</summary>
public sealed class ContainerRuntimeTests
{
    private const string Node = "boxed-test";

    [DaemonFact]
    public async Task Its_sockets_are_not_looked_for_in_the_kernels_tables_but_dialled_on_a_network()
    {
        // runc under another name: whoever trusted the name would have to dial.
        await using var daemon = await DockerDaemon.StartAsync();
        await daemon.StopAsync();
        await daemon.StartAgainAsync("--add-runtime", "boxed=" + DockerDaemon.OnPath("runc"));
        using var engine = new EngineApi(daemon.Host);
        await TestImages.BuildAsync(engine);
        await using var runtime = NewRuntime(daemon);
        var template = new DockerTemplate
        {
            Image = TestImages.LateListener, ContainerPort = TestImages.Port, Hardening = new Hardening { ContainerRuntime = "boxed" },
        };
        Assert.IsType<DockerProbe.Usable>(await runtime.ProbeAsync(CancellationToken.None));
        foreach (var address in new[] { DockerAddress.Auto, DockerAddress.Namespace })
        {
            var key = new InstanceKey("pwn", TokenHash.Random(), 1);
            var request = new StartRequest(key, template with { Address = address }, LineClient.FreePort());
            var backend = EngineTest.BackendOf(await runtime.StartAsync(request, CancellationToken.None));
            Assert.Equal("1 olleh", await LineClient.AskAsync(Assert.IsType<TcpBackendAddress>(backend.Address), "hello"));

            await using var next = NewRuntime(daemon);
            var listed = Assert.IsType<ListOutcome.Listed>(await next.ListAsync(CancellationToken.None));
            Assert.True(Assert.Single(listed.Backends).Usable);
            Assert.IsType<StopOutcome.Gone>(await runtime.StopAsync(key, null, CancellationToken.None));
        }
    }

    private static DockerRuntime NewRuntime(DockerDaemon daemon) =>
        new(new DockerRuntimeOptions { Node = Node, Host = daemon.Host, NamespaceObstacle = null }, TimeProvider.System, NullLogger<DockerRuntime>.Instance);
}
