using System.Text.Json.Nodes;
using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.Containers.Docker.Engine;
using Instancer.TestKit.Docker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Containers.Tests.Docker;

/// <summary>What a real engine does seldom, on a fake one.</summary>
public sealed class EngineFaultTests : IAsyncLifetime
{
    private static readonly InstanceKey Key = new("pwn", TokenHash.Of("token"u8), 1);
    private static readonly DockerTemplate Template = new() { Image = "i", ContainerPort = 1, Address = DockerAddress.Bridge };

    private FakeEngine _engine = null!;
    private DockerRuntime _runtime = null!;

    public async Task InitializeAsync()
    {
        _engine = await FakeEngine.StartAsync();
        var options = new DockerRuntimeOptions { Node = "n", Host = _engine.Host };
        _runtime = new DockerRuntime(options, TimeProvider.System, NullLogger<DockerRuntime>.Instance);
    }

    public async Task DisposeAsync()
    {
        await _runtime.DisposeAsync();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task What_is_left_of_flags_is_looked_for_until_the_engine_has_told_and_no_listing_waits_for_it()
    {
        var answer = new TaskCompletionSource<bool>();
        _engine.VolumesMayBeListed = answer.Task;
        await ListAsync();
        await Until.TrueAsync(() => Looks() == 1);
        await ListAsync();
        Assert.Equal(1, Looks());

        answer.SetResult(false);
        await Until.TrueAsync(async () => await ListAsync() && Looks() > 1);
        _engine.VolumesMayBeListed = Task.FromResult(true);
        var looks = 0;
        await Until.TrueAsync(async () =>
        {
            (var before, looks) = (looks, Looks());
            return await ListAsync() && await ListAsync() && before == looks && looks == Looks();
        });

        int Looks() => _engine.Requests.Count(request => request.EndsWith("/volumes", StringComparison.Ordinal));
        async Task<bool> ListAsync() => await _runtime.ListAsync(CancellationToken.None) is ListOutcome.Listed;
    }

    [Theory]
    [InlineData("1.41", "/v1.41/version")]
    [InlineData("1.48", "/v1.48/version")]
    [InlineData("1.60", "/v1.52/version")]
    public async Task The_negotiated_version_is_in_every_path(string offered, string asked)
    {
        _engine.ApiVersion = offered;
        Assert.IsType<DockerProbe.Usable>(await _runtime.ProbeAsync(CancellationToken.None));
        Assert.Contains("GET " + asked, _engine.Requests);
    }

    [Fact]
    public async Task An_engine_that_is_too_old_is_refused_in_one_line()
    {
        _engine.ApiVersion = "1.40";
        var probe = Assert.IsType<DockerProbe.Unusable>(await _runtime.ProbeAsync(CancellationToken.None));
        Assert.Equal("the engine's API 1.40 is too old; 1.41 (engine 20.10) or newer is needed", probe.Reason);
    }

    [Fact]
    public async Task A_creation_that_is_given_up_is_waited_for_by_the_stop_and_what_it_made_is_removed()
    {
        var mayGoOn = new TaskCompletionSource();
        _engine.CreateMayGoOn = mayGoOn.Task;
        using var giveUp = new CancellationTokenSource();
        var starting = _runtime.StartAsync(new StartRequest(Key, Template, null), giveUp.Token);
        await Until.TrueAsync(() => _engine.Requests.Contains("POST /v1.41/containers/create"));
        await giveUp.CancelAsync();
        var failed = Assert.IsType<StartOutcome.Failed>(await starting);
        Assert.Equal(StartFailure.NotReady, failed.Failure);
        Assert.StartsWith("the engine had not made the container after ", failed.Reason, StringComparison.Ordinal);

        // Not gone for certain before the engine has answered.
        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        Assert.IsType<StopOutcome.Failed>(await _runtime.StopAsync(Key, null, impatient.Token));

        var stopping = _runtime.StopAsync(Key, null, CancellationToken.None);
        mayGoOn.SetResult();
        Assert.Equal(new StopOutcome.Gone(), await stopping.WaitAsync(Until.Deadline));
        Assert.Empty(_engine.Containers);
        Assert.Single(_engine.Requests, request => request.StartsWith("DELETE ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_network_whose_making_was_given_up_is_waited_for_by_the_next_start_and_not_made_twice()
    {
        var mayGoOn = new TaskCompletionSource();
        _engine.Networks = new FakeNetworks("n") { CreateMayGoOn = mayGoOn.Task };
        _engine.Refuses = request => request.EndsWith("/start", StringComparison.Ordinal);
        using var giveUp = new CancellationTokenSource();
        var starting = _runtime.StartAsync(new StartRequest(Key, Template, null), giveUp.Token);
        await Until.TrueAsync(() => _engine.Requests.Contains("POST /v1.41/networks/create"));
        await giveUp.CancelAsync();
        Assert.StartsWith("the engine had not made the network instancer-n after ", Assert.IsType<StartOutcome.Failed>(await starting).Reason, StringComparison.Ordinal);

        var next = _runtime.StartAsync(new StartRequest(Key, Template, null), CancellationToken.None);
        mayGoOn.SetResult();
        await next.WaitAsync(Until.Deadline);
        Assert.Single(_engine.Networks.Of("instancer-n"));
        Assert.Single(_engine.Requests, request => request == "POST /v1.41/networks/create");
    }

    // As podman 4.3 does for a process that is gone, here out of memory, before it has looked at it.
    [Theory]
    [InlineData("read /proc/30154/cgroup: no such process", true)]
    [InlineData("open /proc/30154/cgroup: no such file or directory", true)]
    [InlineData("open /sys/fs/cgroup: no such file or directory", false)]
    [InlineData("crun: executable file not found: no such file or directory", false)]
    public async Task A_container_that_ends_while_it_is_started_was_started(string refusal, bool isStarted)
    {
        using var client = new EngineClient(EngineEndpoint.Of(new DockerRuntimeOptions { Node = "n", Host = _engine.Host }));
        _engine.Refuses = request => request.EndsWith("/start", StringComparison.Ordinal);
        _engine.Refusal = refusal;
        var error = await client.StartContainerAsync("it", CancellationToken.None);
        Assert.Equal(isStarted ? null : refusal, error?.Message);
    }

    [Fact]
    public async Task An_exit_that_was_missed_while_the_stream_was_broken_is_found_by_listing()
    {
        using var client = new EngineClient(EngineEndpoint.Of(new DockerRuntimeOptions { Node = "n", Host = _engine.Host }));
        await using var exits = new ContainerExits(client, "n", TimeProvider.System, NullLogger.Instance);
        _engine.Containers["runs"] = new JsonObject { ["Id"] = "runs", ["State"] = "running" };
        _engine.Containers["made"] = new JsonObject { ["Id"] = "made", ["State"] = "created" };
        _engine.Containers["goes"] = new JsonObject { ["Id"] = "goes", ["State"] = "running" };
        var runs = exits.Of("runs");
        var made = exits.Of("made");
        var goes = exits.Of("goes");
        await Until.TrueAsync(() => _engine.EventStreams == 1);

        _engine.Containers.TryRemove("goes", out _);
        _engine.BreakEventStreams();
        Assert.Equal("removed from outside", (await goes.WaitAsync(Until.Deadline)).Reason);
        await Until.TrueAsync(() => _engine.EventStreams == 1);
        Assert.False(runs.IsCompleted);
        Assert.False(made.IsCompleted);
    }
}
