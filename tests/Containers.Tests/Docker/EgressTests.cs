using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

/// <summary>The way out, tried from inside: to a host beyond the engine's, and to a neighbour on each of the node's networks.</summary>
[Collection(EngineCollection.Name)]
public sealed class EgressTests(DockerEngineFixture fixture) : EngineTest(fixture)
{
    private IAsyncDisposable? _noStarts;

    public override async Task InitializeAsync()
    {
        _noStarts = await DockerDaemon.HoldStartsAsync();
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _noStarts!.DisposeAsync();
    }

    private static readonly DockerAddress[] Addresses = [DockerAddress.Namespace, DockerAddress.Bridge, DockerAddress.Published];

    private DockerRuntime Capable => field ??= NewRuntime(namespaceObstacle: null);

    [OutsideFact]
    public async Task Without_egress_a_container_reaches_neither_the_outside_nor_a_neighbour() =>
        Assert.All(await ReportsAsync(egress: false), report => Assert.Equal("outside: none, neighbours: none", report));

    [OutsideFact]
    public async Task With_egress_it_reaches_the_outside_in_the_hosts_name_and_no_neighbour()
    {
        var reports = await ReportsAsync(egress: true);
        Assert.All(reports, report => Assert.Equal("outside: seen as the host, neighbours: none", report));
    }

    [EngineFact]
    public async Task The_network_has_a_way_out_and_keeps_containers_apart_whatever_the_address()
    {
        foreach (var address in Addresses)
        {
            var key = NewKey();
            var backend = await StartedAsync(Request(key, Template(address: address) with { Egress = true }), Capable);
            Assert.Equal("1 olleh", await LineClient.AskAsync(backend.Address, "hello"));
            Assert.Equal(address == DockerAddress.Namespace, backend.Address is NamespaceBackendAddress);
            Assert.Equal(address == DockerAddress.Published, backend.Port is not null);
            var container = (await Engine.InspectAsync(backend.Id))!;
            Assert.Equal($"instancer-{Node}-egress", Assert.Single((JsonObject)container["NetworkSettings"]!["Networks"]!).Key);

            var found = Assert.Single(Assert.IsType<ListOutcome.Listed>(await NewRuntime(namespaceObstacle: null).ListAsync(CancellationToken.None)).Backends);
            Assert.True(found.Usable);
            Assert.Equal(backend.Address, found.Backend.Address);
            await StopAsync(key);
        }

        var network = (await Engine.SendAsync(HttpMethod.Get, $"networks/instancer-{Node}-egress"))!;
        Assert.False((bool)network["Internal"]!);
        Assert.Equal("false", (string)network["Options"]!["com.docker.network.bridge.enable_icc"]!);
        Assert.Equal("true", (string)network["Options"]!["com.docker.network.bridge.enable_ip_masquerade"]!);
        Assert.Equal(Node, (string)network["Labels"]!["instancer.node"]!);
    }

    [EngineFact]
    public async Task An_instance_from_before_the_option_was_changed_is_replaced()
    {
        var key = NewKey();
        var before = await StartedAsync(Request(key, Template()));
        var after = await StartedAsync(Request(key, Template() with { Egress = true }));
        Assert.NotEqual(before.Id, after.Id);
        await StopAsync(key);
    }

    // The engine's own name server listens inside every container on a network, at a port that it chooses; from inside it could be dialled.
    [EngineFact]
    public async Task The_engines_name_server_is_not_taken_for_the_server()
    {
        var inside = new RunningContainer("id", 1, IPAddress.Parse("10.0.0.2"), new ContainerAddress.Namespace(4000), OnHostKernel: true);
        var server = IPEndPoint.Parse("127.0.0.11:4000");
        Assert.True(inside.IsNameServer(server));
        Assert.False(inside.IsNameServer(IPEndPoint.Parse("127.0.0.1:4000")));
        Assert.False((inside with { Ip = IPAddress.None }).IsNameServer(server));

        // Nor is it named among what listens, when nothing does.
        var key = NewKey();
        var template = Template(TestImages.NeverListens, DockerAddress.Namespace) with { Egress = true };
        var failed = await FailedAsync(Request(key, template), TimeSpan.FromSeconds(1), Capable);
        Assert.Equal(StartFailure.NotReady, failed.Failure);
        Assert.DoesNotContain("127.0.0.11", failed.Reason, StringComparison.Ordinal);
        await StopAsync(key);
    }

    private async Task<string[]> ReportsAsync(bool egress)
    {
        await using var outside = await OutsideHost.StartAsync();
        var neighbours = await NeighboursAsync();
        var script = string.Create(CultureInfo.InvariantCulture, $"who=$(nc -w 3 {outside.Address} {OutsideHost.Port} </dev/null 2>/dev/null)\n")
            + "reached=; try() { nc -w 1 $1 1337 </dev/null >/dev/null 2>&1 && reached=\"$reached $1\"; }\n"
            + string.Concat(neighbours.Select(neighbour => $"try {neighbour.Ip}\n"))
            + "echo \"outside: ${who:-none}, neighbours:${reached:- none}\" >/tmp/report; exec nc -ll -p 1337 -e /bin/cat /tmp/report";
        var reports = await Task.WhenAll(Addresses.Select(async address =>
        {
            var key = NewKey(100);
            var template = Template(address: address) with { Egress = egress, Command = ["/bin/sh", "-c", script] };
            var backend = await StartedAsync(Request(key, template), Capable);
            var report = (await LineClient.AskAsync(backend.Address, ""))!;
            await StopAsync(key);
            return report.Replace(outside.HostAddress.ToString(), "seen as the host", StringComparison.Ordinal);
        }));

        foreach (var neighbour in neighbours)
        {
            await StopAsync(neighbour.Key);
        }

        return reports;
    }

    // One on each network.
    private async Task<List<(InstanceKey Key, string Ip)>> NeighboursAsync()
    {
        List<(InstanceKey Key, string Ip)> neighbours = [];
        foreach (var template in new[] { Template(), Template(address: DockerAddress.Published), Template() with { Egress = true } })
        {
            var key = NewKey((ushort)(neighbours.Count + 1));
            var backend = await StartedAsync(Request(key, template));
            var networks = (JsonObject)(await Engine.InspectAsync(backend.Id))!["NetworkSettings"]!["Networks"]!;
            neighbours.Add((key, (string)Assert.Single(networks).Value!["IPAddress"]!));
        }

        return neighbours;
    }
}
