using System.Text.Json.Nodes;
using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.Containers.Docker.Engine;
using Instancer.TestKit.Docker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Containers.Tests.Docker;

/// <summary>How a gateway finds out that it is in a container of the engine that it talks to, and what follows.</summary>
public sealed class GatewayContainerTests
{
    private const string Own = "53e1032db307bcc1155b9b662d7edd35b569ed426eb2f84b8090640c2ef69280";
    private const string NoPool = "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network";

    [Fact]
    public async Task In_a_container_of_this_engine_it_joins()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Inspections[Own] = Inspection();
        engine.Members[Own] = "127.0.0.1/8";
        await using var runtime = NewRuntime(engine);
        var probe = Assert.IsType<DockerProbe.Usable>(await runtime.ProbeAsync(CancellationToken.None));
        Assert.Equal(DockerAddress.Joined, probe.Auto);
        Assert.StartsWith("the gateway is in the container 53e1032db307 of this engine", probe.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("GET /v1.41/networks/instancer-node-1", engine.Requests);
    }

    [Fact]
    public async Task An_engine_that_does_not_know_the_container_is_another_one()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Members[Own] = "127.0.0.1/8";
        await AssertPublishedAsync(engine, "this host has no address in the network instancer-node-1");
    }

    [Fact]
    public async Task One_that_has_such_a_container_which_does_not_run_is_another_one()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Inspections[Own] = Inspection(running: false);
        engine.Members[Own] = "127.0.0.1/8";
        await AssertPublishedAsync(engine, "this host has no address in the network instancer-node-1");
    }

    [Fact]
    public async Task What_it_puts_on_a_network_has_to_be_this_process()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Inspections[Own] = Inspection();
        // An address for documentation: nobody's.
        engine.Members[Own] = "192.0.2.7/29";
        await AssertPublishedAsync(engine, "the engine put the container 53e1032db307 on the network instancer-node-1-slot-1, and it does not show in the gateway's");
    }

    [Fact]
    public async Task On_the_hosts_network_there_is_nothing_to_join()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Inspections[Own] = Inspection("host");
        engine.Members[Own] = "127.0.0.1/8";
        await AssertPublishedAsync(engine, "this host has no address in the network instancer-node-1");
    }

    [Fact]
    public async Task An_engine_that_makes_no_network_is_said_to_and_asked_again()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Inspections[Own] = Inspection();
        engine.Members[Own] = "127.0.0.1/8";
        engine.NetworkRefusal = NoPool;
        await using var runtime = NewRuntime(engine);
        Assert.Equal(new DockerProbe.Unusable(NoPool), await runtime.ProbeAsync(CancellationToken.None));

        engine.NetworkRefusal = null;
        Assert.Equal(DockerAddress.Joined, Assert.IsType<DockerProbe.Usable>(await runtime.ProbeAsync(CancellationToken.None)).Auto);
    }

    [Fact]
    public async Task Whoever_asks_for_the_first_time_at_once_makes_one_network()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Inspections[Own] = Inspection();
        engine.Networks = new FakeNetworks("node-1");
        engine.Refuses = request => request.EndsWith("/start", StringComparison.Ordinal);
        await using var runtime = NewRuntime(engine);
        var template = Template() with { Address = DockerAddress.Bridge };
        var starts = Enumerable.Range(1, 4).Select(identifier => runtime.StartAsync(
            new StartRequest(new InstanceKey("pwn", default, (ushort)identifier), template, null), CancellationToken.None));
        var probe = runtime.ProbeAsync(CancellationToken.None);
        await Task.WhenAll(starts).WaitAsync(Until.Deadline);
        Assert.Equal(DockerAddress.Joined, Assert.IsType<DockerProbe.Usable>(await probe).Auto);
        Assert.Single(engine.Networks.Of("instancer-node-1-slot-1"));
        Assert.Single(engine.Requests, request => request == "GET /v1.41/containers/" + Own + "/json");
    }

    [Fact]
    public void A_start_without_a_pool_for_its_network_says_what_to_do()
    {
        var failed = StartFailures.Of(new EngineError(System.Net.HttpStatusCode.InternalServerError, NoPool), Template());
        Assert.Equal(StartFailure.Rejected, failed.Failure);
        Assert.StartsWith("the engine has no addresses left for one more network, ", failed.Reason, StringComparison.Ordinal);
        Assert.EndsWith(": " + NoPool, failed.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NET_RAW", true, true)]
    [InlineData("NET_RAW", false, false)]
    [InlineData("CHOWN", true, false)]
    public void Who_could_send_through_the_gateway_is_not_put_beside_it(string capability, bool isForwarding, bool isRefused)
    {
        var template = Template() with { Hardening = new Hardening { Capabilities = ["AUDIT_WRITE", capability] } };
        Assert.Equal(isRefused, Router.Obstacle(template, isForwarding)?.Contains(capability, StringComparison.Ordinal) == true);
        Assert.Null(Router.Obstacle(Template(), isForwarding));
    }

    private static async Task AssertPublishedAsync(FakeEngine engine, string reason)
    {
        await using var runtime = NewRuntime(engine);
        var probe = Assert.IsType<DockerProbe.Usable>(await runtime.ProbeAsync(CancellationToken.None));
        Assert.Equal((DockerAddress.Published, reason + "; not namespace: the gateway dials from its own network only"), (probe.Auto, probe.Reason));
    }

    private static DockerRuntime NewRuntime(FakeEngine engine) => new(
        new DockerRuntimeOptions { Node = "node-1", Host = engine.Host, GatewayContainer = Own }, TimeProvider.System, NullLogger<DockerRuntime>.Instance);

    private static JsonObject Inspection(string network = "home", bool running = true) => new()
    {
        ["Id"] = Own,
        ["State"] = new JsonObject { ["Running"] = running, ["Pid"] = 1 },
        ["NetworkSettings"] = new JsonObject { ["Networks"] = new JsonObject { [network] = new JsonObject() } },
    };

    private static DockerTemplate Template() => new() { Image = "image", ContainerPort = 1337 };
}
