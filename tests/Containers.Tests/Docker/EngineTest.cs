using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.TestKit.Docker;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Containers.Tests.Docker;

/// <summary>A node of the test's own on a real engine; at the end nothing of it may be left.</summary>
public abstract class EngineTest(EngineFixture fixture) : IAsyncLifetime
{
    /// <summary>The end of a container that somebody killed.</summary>
    public const string Killed = "killed by signal 9 (from outside, or out of memory)";

    /// <summary>The end of one that took too much memory: whether the engine noticed that before the end is a matter of luck.</summary>
    public const string OutOfMemory = @"\Akilled by signal 9 \((from outside, or )?out of memory\)";

    private readonly List<DockerRuntime> _runtimes = [];

    /// <summary>Whether the engine is podman, where it differs.</summary>
    protected bool OnPodman => fixture is PodmanFixture;

    protected EngineApi Engine => fixture.Engine;

    protected string Node { get; } = "test-" + Guid.NewGuid().ToString("N")[..8];

    protected DockerRuntime Runtime { get; private set; } = null!;

    protected string NodeLabel => "instancer.node=" + Node;

    public virtual async Task InitializeAsync()
    {
        Runtime = NewRuntime();
        Assert.IsType<DockerProbe.Usable>(await Runtime.ProbeAsync(CancellationToken.None));
    }

    public virtual async Task DisposeAsync()
    {
        foreach (var runtime in _runtimes)
        {
            await runtime.DisposeAsync();
        }

        var left = await Engine.ContainersAsync(NodeLabel);
        foreach (var container in left)
        {
            await Engine.RemoveAsync((string)container!["Id"]!);
        }

        foreach (var network in new[] { "instancer-" + Node, $"instancer-{Node}-published", $"instancer-{Node}-egress" })
        {
            await Engine.SendAsync(HttpMethod.Delete, "networks/" + network, absentIsFine: true);
        }

        Assert.Empty(left);
    }

    /// <summary>A runtime whose gateway can dial from inside containers' networks or, with an obstacle, cannot.</summary>
    protected DockerRuntime NewRuntime(string? namespaceObstacle = "not in this test", ILogger<DockerRuntime>? logger = null, string? host = null)
    {
        var options = new DockerRuntimeOptions { Node = Node, Host = host ?? fixture.Host, NamespaceObstacle = namespaceObstacle };
        var runtime = new DockerRuntime(options, TimeProvider.System, logger ?? NullLogger<DockerRuntime>.Instance);
        _runtimes.Add(runtime);
        return runtime;
    }

    protected static InstanceKey NewKey(ushort identifier = 1) => new("pwn", TokenHash.Random(), identifier);

    protected static DockerTemplate Template(string image = TestImages.LineServer, DockerAddress address = DockerAddress.Bridge) => new()
    {
        Image = image,
        ContainerPort = TestImages.Port,
        Address = address,
        Memory = 32 << 20,
    };

    protected static StartRequest Request(InstanceKey key, DockerTemplate template) =>
        new(key, template, template.Address == DockerAddress.Published ? LineClient.FreePort() : null);

    protected async Task<Backend> StartedAsync(StartRequest request, DockerRuntime? runtime = null)
    {
        using var deadline = new CancellationTokenSource(Until.Deadline, TimeProvider.System);
        return BackendOf(await (runtime ?? Runtime).StartAsync(request, deadline.Token));
    }

    public static Backend BackendOf(StartOutcome outcome) => outcome switch
    {
        StartOutcome.Started started => started.Backend,
        StartOutcome.Failed failed => throw new InvalidOperationException($"{failed.Failure}: {failed.Reason}"),
        _ => throw new InvalidOperationException($"No such outcome: {outcome}."),
    };

    protected async Task<StartOutcome.Failed> FailedAsync(StartRequest request, TimeSpan? deadline = null, DockerRuntime? runtime = null)
    {
        using var longest = new CancellationTokenSource(deadline ?? Until.Deadline, TimeProvider.System);
        return Assert.IsType<StartOutcome.Failed>(await (runtime ?? Runtime).StartAsync(request, longest.Token));
    }

    protected async Task StopAsync(InstanceKey key, string? backendId = null) =>
        Assert.IsType<StopOutcome.Gone>(await Runtime.StopAsync(key, backendId, CancellationToken.None));
}
