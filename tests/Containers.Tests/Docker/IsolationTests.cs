using System.Text.Json.Nodes;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.TestKit;
using Instancer.TestKit.Docker;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Tests.Docker;

public abstract class IsolationTests(EngineFixture fixture) : EngineTest(fixture)
{
    [EngineFact]
    public async Task Limits_labels_and_name_are_on_the_container()
    {
        var key = NewKey(513);
        var template = Template() with { Memory = 48 << 20, Cpus = 0.5, Pids = 40, Environment = new Dictionary<string, string> { ["FLAG"] = "a=b" } };
        var backend = await StartedAsync(Request(key, template));

        var container = (await Engine.InspectAsync(backend.Id))!;
        var host = container["HostConfig"]!;
        Assert.Equal(48 << 20, (long)host["Memory"]!);
        Assert.Equal(48 << 20, (long)host["MemorySwap"]!);
        Assert.Equal(500_000_000, (long)host["NanoCpus"]!);
        Assert.Equal(40, (long)host["PidsLimit"]!);
        Assert.Equal("no", (string)host["RestartPolicy"]!["Name"]!);
        Assert.Equal(OnPodman ? "1MB" : "1m", OnPodman ? await LogBoundAsync(backend.Id) : (string)host["LogConfig"]!["Config"]!["max-size"]!);
        Assert.Empty(container["Mounts"]!.AsArray());
        Assert.Contains("FLAG=a=b", container["Config"]!["Env"]!.AsArray().Select(variable => (string)variable!));
        Assert.Equal($"/instancer-{Node}-pwn-{key.Token}-513", (string)container["Name"]!);
        var labels = container["Config"]!["Labels"]!;
        Assert.Equal(Node, (string)labels["instancer.node"]!);
        Assert.Equal("pwn", (string)labels["instancer.challenge"]!);
        Assert.Equal(key.Token.ToString(), (string)labels["instancer.token"]!);
        Assert.Equal("513", (string)labels["instancer.identifier"]!);
        Assert.Equal(template.SpecHash, (string)labels["instancer.spec"]!);
        Assert.True(DateTimeOffset.TryParse((string)labels["instancer.created"]!, System.Globalization.CultureInfo.InvariantCulture, out _));
        await StopAsync(key);
    }

    [EngineFact]
    public async Task The_bridge_is_internal_and_keeps_containers_apart_or_the_log_says_that_it_does_not()
    {
        if (OnPodman)
        {
            await SaysThatNeighboursAreNotKeptApartAsync();
            return;
        }

        var one = NewKey(1);
        var two = NewKey(2);
        var first = await StartedAsync(Request(one, Template()));
        var ip = ((TcpBackendAddress)first.Address).EndPoint.Address;
        // The second one dials the first, and says how that ended.
        var script = $"nc -w 2 {ip} 1337 </dev/null && echo reached >/tmp/count || echo refused >/tmp/count; exec nc -ll -p 1337 -e /bin/cat /tmp/count";
        var second = await StartedAsync(Request(two, Template() with { Command = ["/bin/sh", "-c", script] }));
        Assert.Equal("refused", await LineClient.AskAsync(second.Address, ""));

        var network = (await Engine.SendAsync(HttpMethod.Get, "networks/instancer-" + Node))!;
        Assert.True((bool)network["Internal"]!);
        Assert.Equal("false", (string)network["Options"]!["com.docker.network.bridge.enable_icc"]!);
        Assert.Equal(Node, (string)network["Labels"]!["instancer.node"]!);
        await StopAsync(one);
        await StopAsync(two);
    }

    private async Task SaysThatNeighboursAreNotKeptApartAsync()
    {
        using var log = new RecordingLogger();
        var key = NewKey();
        await StartedAsync(Request(key, Template()), NewRuntime(logger: log.CreateLogger<DockerRuntime>()));
        Assert.Contains($"the network instancer-{Node} ", Assert.Single(log.Of(2120)).Text, StringComparison.Ordinal);
        Assert.True((bool)(await Engine.SendAsync(HttpMethod.Get, "networks/instancer-" + Node))!["Internal"]!);
        await StopAsync(key);
    }

    // Podman tells it by its own API only.
    private async Task<string> LogBoundAsync(string container) =>
        (string)(await Engine.SendAsync(HttpMethod.Get, $"libpod/containers/{container}/json"))!["HostConfig"]!["LogConfig"]!["Size"]!;

    [EngineFact]
    public async Task A_network_that_somebody_removed_is_made_again()
    {
        foreach (var address in new[] { DockerAddress.Bridge, DockerAddress.Published })
        {
            var key = NewKey();
            await StartedAsync(Request(key, Template(address: address)));
            await StopAsync(key);
            var name = "instancer-" + Node + (address == DockerAddress.Published ? "-published" : "");
            await Engine.SendAsync(HttpMethod.Delete, "networks/" + name);

            var backend = await StartedAsync(Request(key, Template(address: address)));
            Assert.Equal("1 olleh", await LineClient.AskAsync(backend.Address, "hello"));
            await StopAsync(key);
        }
    }

    [EngineFact]
    public async Task A_strangers_network_of_the_same_name_is_not_used()
    {
        var name = $"instancer-{Node}-published";
        await Engine.CreateNetworkAsync(new JsonObject { ["Name"] = name });
        var failed = await FailedAsync(Request(NewKey(), Template(address: DockerAddress.Published)));
        Assert.Equal(new StartOutcome.Failed(StartFailure.Rejected, $"the name {name} is taken by a network that is not Instancer's"), failed);
    }

    [EngineFact]
    public async Task Auto_is_the_bridge_on_the_engines_own_host()
    {
        var probe = Assert.IsType<DockerProbe.Usable>(await Runtime.ProbeAsync(CancellationToken.None));
        Assert.Equal(DockerAddress.Bridge, probe.Auto);
        Assert.Contains("runc", probe.ContainerRuntimes);
        Assert.False(Runtime.NeedsPort(Template(address: DockerAddress.Auto)));

        var key = NewKey();
        var backend = await StartedAsync(Request(key, Template(address: DockerAddress.Auto)));
        Assert.Equal("1 olleh", await LineClient.AskAsync(backend.Address, "hello"));
        await StopAsync(key);
    }

    [EngineFact]
    public async Task Asked_before_it_is_settled_whether_auto_needs_a_port_the_answer_is_yes_and_stays()
    {
        var runtime = NewRuntime();
        Assert.True(runtime.NeedsPort(Template(address: DockerAddress.Auto)));
        await runtime.ProbeAsync(CancellationToken.None);
        Assert.True(runtime.NeedsPort(Template(address: DockerAddress.Auto)));
        Assert.False(runtime.NeedsPort(Template(address: DockerAddress.Bridge)));
        Assert.True(runtime.NeedsPort(Template(address: DockerAddress.Published)));
    }

    [EngineFact]
    public async Task Twelve_starts_at_once_get_a_container_each()
    {
        var keys = Enumerable.Range(1, 12).Select(number => NewKey((ushort)number)).ToList();
        var backends = await Task.WhenAll(keys.Select(key => StartedAsync(Request(key, Template()))));
        Assert.Equal(12, backends.Select(backend => backend.Address).Distinct().Count());
        foreach (var backend in backends)
        {
            Assert.Equal("1 olleh", await LineClient.AskAsync(backend.Address, "hello"));
        }

        await Task.WhenAll(keys.Select(key => StopAsync(key)));
    }
}
