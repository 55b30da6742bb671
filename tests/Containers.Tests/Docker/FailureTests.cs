using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.TestKit.Docker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Containers.Tests.Docker;

public abstract class FailureTests(EngineFixture fixture) : EngineTest(fixture)
{
    [EngineFact]
    public async Task An_image_that_is_missing_is_rejected_and_not_pulled()
    {
        var failed = await FailedAsync(Request(NewKey(), Template("instancer-test/no-such-image")));
        Assert.Equal(new StartOutcome.Failed(StartFailure.Rejected, "image instancer-test/no-such-image is not on the engine"), failed);
    }

    [EngineFact]
    public async Task A_command_that_is_not_in_the_image_is_named()
    {
        // With an init it is the init that cannot run it, and without one the engine.
        foreach (var (init, failure) in new[] { (true, StartFailure.Exited), (false, StartFailure.Rejected) })
        {
            var template = Template() with { Command = ["/no-such-program"], Hardening = new() { Init = init } };
            var failed = await FailedAsync(Request(NewKey(), template));
            Assert.Equal(failure, failed.Failure);
            // Podman's init does not name it.
            Assert.Contains(init && OnPodman ? "failed to exec pid1: No such file or directory" : "/no-such-program", failed.Reason, StringComparison.Ordinal);
        }
    }

    [EngineFact]
    public async Task A_container_that_exits_at_once_is_reported_with_its_status_and_last_line()
    {
        var failed = await FailedAsync(Request(NewKey(), Template(TestImages.ExitsAtOnce)));
        Assert.Equal(new StartOutcome.Failed(StartFailure.Exited, "exited with status 3 before it listened: cannot open the flag"), failed);
    }

    [EngineFact]
    public async Task A_container_that_never_listens_is_given_up_with_the_port_named()
    {
        var key = NewKey();
        var failed = await FailedAsync(Request(key, Template(TestImages.NeverListens)), TimeSpan.FromSeconds(2));
        Assert.Equal(StartFailure.NotReady, failed.Failure);
        Assert.StartsWith("nothing listened on port 1337 of the container within ", failed.Reason, StringComparison.Ordinal);
        Assert.EndsWith(" s", failed.Reason, StringComparison.Ordinal);
        await StopAsync(key);
    }

    [EngineFact]
    public async Task A_server_on_the_containers_loopback_is_not_ready_and_the_reason_says_where_it_listens()
    {
        var key = NewKey();
        var failed = await FailedAsync(Request(key, Template(TestImages.LoopbackOnly)), TimeSpan.FromSeconds(2));
        Assert.Equal(StartFailure.NotReady, failed.Failure);
        Assert.EndsWith("; it listens at 127.0.0.1:1337", failed.Reason, StringComparison.Ordinal);
        await StopAsync(key);
    }

    [EngineFact]
    public async Task A_server_on_another_port_is_not_ready_and_the_reason_names_the_port()
    {
        var key = NewKey();
        var request = Request(key, Template() with { Command = ["/bin/sh", "-c", "exec nc -ll -p 4711 -e /session"] });
        var failed = await FailedAsync(request, TimeSpan.FromSeconds(2));
        Assert.Equal(StartFailure.NotReady, failed.Failure);
        Assert.StartsWith("nothing listened on port 1337 of the container within ", failed.Reason, StringComparison.Ordinal);
        Assert.EndsWith(":4711", failed.Reason, StringComparison.Ordinal);
        await StopAsync(key);
    }

    [EngineFact]
    public async Task An_image_for_another_architecture_is_reported_as_such()
    {
        var key = NewKey();
        var failed = await FailedAsync(Request(key, Template() with { Command = [TestImages.Foreign] }));

        // By its last words, or as the refusal of a newer engine.
        Assert.Contains(failed.Failure, new[] { StartFailure.Exited, StartFailure.Rejected });
        Assert.EndsWith(" (an image for another architecture, or a script without #!)", failed.Reason, StringComparison.Ordinal);
    }

    [EngineFact]
    public async Task A_command_that_exits_at_once_without_a_word_is_reported_with_its_status()
    {
        var failed = await FailedAsync(Request(NewKey(), Template() with { Command = ["/bin/sh", "-c", "exit 0"] }));
        Assert.Equal(new StartOutcome.Failed(StartFailure.Exited, "exited with status 0 before it listened"), failed);
    }

    [EngineFact]
    public async Task A_port_that_is_taken_is_reported_as_such_and_the_container_goes()
    {
        using var stranger = new TcpListener(IPAddress.Loopback, 0);
        stranger.Start();
        var request = Request(NewKey(), Template(address: DockerAddress.Published)) with { Port = ((IPEndPoint)stranger.LocalEndpoint).Port };
        var failed = await FailedAsync(request);
        Assert.True(failed.Failure == StartFailure.PortTaken, failed.Reason);
        Assert.Empty(await Engine.ContainersAsync(NodeLabel));
    }

    [EngineFact]
    public async Task Limits_that_the_engine_will_not_take_are_rejected()
    {
        var failed = await FailedAsync(Request(NewKey(), Template() with { Memory = 1024 }));
        Assert.Equal(StartFailure.Rejected, failed.Failure);
        Assert.Contains("memory", failed.Reason, StringComparison.OrdinalIgnoreCase);
    }

    [EngineFact]
    public async Task A_network_without_an_address_left_is_reported_at_once_and_the_container_goes()
    {
        // Of four addresses one is the network's, one is for all, and one is the host's.
        var network = new JsonObject
        {
            ["Name"] = "instancer-" + Node,
            ["Internal"] = true,
            ["Labels"] = new JsonObject { ["instancer.node"] = Node },
            ["IPAM"] = new JsonObject { ["Config"] = new JsonArray(new JsonObject { ["Subnet"] = $"10.255.{Random.Shared.Next(256)}.{4 * Random.Shared.Next(64)}/30" }) },
        };
        await Engine.SendAsync(HttpMethod.Delete, "networks/instancer-" + Node);
        await Engine.CreateNetworkAsync(network);
        var only = NewKey(1);
        await StartedAsync(Request(only, Template()));

        var failed = await FailedAsync(Request(NewKey(2), Template()));
        Assert.Equal(StartFailure.Rejected, failed.Failure);
        Assert.StartsWith("the engine's network has no room for one more container; address \"namespace\"", failed.Reason, StringComparison.Ordinal);
        Assert.Single(await Engine.ContainersAsync(NodeLabel));
        await StopAsync(only);
    }

    [EngineFact]
    public async Task A_start_that_is_given_up_at_any_moment_leaves_nothing_after_its_stop()
    {
        // From before the request is sent until after the container runs.
        foreach (var milliseconds in new[] { 0, 1, 3, 6, 10, 20, 50, 100, 200 })
        {
            var key = NewKey();
            using var giveUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System);
            var outcome = await Runtime.StartAsync(Request(key, Template(TestImages.NeverListens)), giveUp.Token);
            Assert.Equal(StartFailure.NotReady, Assert.IsType<StartOutcome.Failed>(outcome).Failure);
            await StopAsync(key);
            Assert.Empty(await Engine.ContainersAsync(NodeLabel));
        }
    }
}

public sealed class NoEngineTests
{
    [Fact]
    public async Task A_socket_that_is_not_there_is_unavailable_in_one_line()
    {
        var host = "unix://" + Path.Combine(Path.GetTempPath(), "no-such-directory", "docker.sock");
        await AssertUnavailableAsync(host, $"cannot reach the Docker engine at {host}: ");
    }

    [Fact]
    public async Task A_port_that_refuses_is_unavailable_in_one_line() =>
        await AssertUnavailableAsync("tcp://127.0.0.1:1", "cannot reach the Docker engine at tcp://127.0.0.1:1: ");

    [Fact]
    public async Task An_address_that_makes_no_sense_is_named() =>
        await AssertUnavailableAsync("docker.sock", "cannot reach the Docker engine at docker.sock: it is neither unix:///PATH, tcp://HOST:PORT nor npipe:");

    [Fact]
    public async Task Certificates_that_are_missing_are_named()
    {
        var options = new DockerRuntimeOptions { Node = "n", Host = "tcp://127.0.0.1:1", TlsVerify = true, CertificatePath = "/no-such-directory" };
        await using var runtime = new DockerRuntime(options, TimeProvider.System, NullLogger<DockerRuntime>.Instance);
        var probe = Assert.IsType<DockerProbe.Unusable>(await runtime.ProbeAsync(CancellationToken.None));
        Assert.Contains("/no-such-directory", probe.Reason, StringComparison.Ordinal);
    }

    private static async Task AssertUnavailableAsync(string host, string reason)
    {
        var options = new DockerRuntimeOptions { Node = "n", Host = host };
        await using var runtime = new DockerRuntime(options, TimeProvider.System, NullLogger<DockerRuntime>.Instance);
        var key = new Instancer.Actors.InstanceKey("pwn", Instancer.Actors.TokenHash.Random(), 1);
        foreach (var address in Enum.GetValues<DockerAddress>())
        {
            var template = new DockerTemplate { Image = "i", ContainerPort = 1, Address = address };
            var failed = Assert.IsType<StartOutcome.Failed>(await runtime.StartAsync(new StartRequest(key, template, 20000), CancellationToken.None));
            Assert.Equal(StartFailure.Unavailable, failed.Failure);
            AssertReason(failed.Reason);
        }

        AssertReason(Assert.IsType<StopOutcome.Failed>(await runtime.StopAsync(key, null, CancellationToken.None)).Reason);
        AssertReason(Assert.IsType<StopOutcome.Failed>(await runtime.StopAsync(key, "id", CancellationToken.None)).Reason);
        AssertReason(Assert.IsType<ListOutcome.Unavailable>(await runtime.ListAsync(CancellationToken.None)).Reason);
        AssertReason(Assert.IsType<DockerProbe.Unusable>(await runtime.ProbeAsync(CancellationToken.None)).Reason);

        void AssertReason(string actual)
        {
            Assert.StartsWith(reason, actual, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', actual);
        }
    }
}
