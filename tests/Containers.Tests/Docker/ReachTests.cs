using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Instancer.Containers.Docker;
using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

/// <summary>
/// What a container reaches, tried from inside: the host's addresses, where somebody listens at each, a neighbour, the world, a cloud's
/// metadata, names.
/// </summary>
public abstract class ReachTests(EngineFixture fixture) : EngineTest(fixture)
{
    private const string World = "1.1.1.1";
    private const string Metadata = "169.254.169.254";

    private List<string> _tried = [];

    [EngineFact]
    public async Task Without_a_network_a_container_reaches_nothing_and_is_reached()
    {
        var runtime = NewRuntime(namespaceObstacle: null);
        Assert.Empty(await ReachedAsync(DockerAddress.Namespace, runtime));
    }

    // Which of the host's addresses is up to the engine's version. The host's own firewall is what could keep it from them.
    [EngineFact]
    public async Task On_a_network_it_reaches_the_host_and_neither_a_neighbour_nor_the_world()
    {
        foreach (var address in new[] { DockerAddress.Bridge, DockerAddress.Published })
        {
            var reached = await ReachedAsync(address, Runtime);
            Assert.Contains(await GatewayAsync("instancer-" + Node + (address == DockerAddress.Published ? "-published" : "")), reached);
            var beyond = reached.Except(_tried).ToList();
            if (!OnPodman)
            {
                Assert.Empty(beyond);
            }
            else if (address == DockerAddress.Bridge)
            {
                // Podman keeps no neighbours apart, and cuts off the world where the network is internal.
                Assert.DoesNotContain(World, beyond);
                Assert.DoesNotContain(Metadata, beyond);
            }
        }
    }

    private async Task<string[]> ReachedAsync(DockerAddress address, DockerRuntime runtime)
    {
        using var host = new TcpListener(IPAddress.Any, 0);
        host.Start();
        using var over = new CancellationTokenSource();
        var closing = CloseAllAsync(host, over.Token);

        // One that it could reach on the network that it would be on.
        var neighbour = NewKey(1);
        var besideIt = await StartedAsync(Request(neighbour, Template(address: address == DockerAddress.Namespace ? DockerAddress.Bridge : address)));
        var networks = (JsonObject)(await Engine.InspectAsync(besideIt.Id))!["NetworkSettings"]!["Networks"]!;
        var ip = (string)Assert.Single(networks).Value!["IPAddress"]!;

        var port = ((IPEndPoint)host.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        _tried = HostAddresses();
        var targets = _tried.Select(one => $"{one} {port}").Append($"{ip} 1337").Append($"{World} 53").Append($"{Metadata} 80");
        var script = "reached=; try() { nc -w 1 $1 $2 </dev/null >/dev/null 2>&1 && reached=\"$reached $1\"; }\n"
            + string.Concat(targets.Select(target => $"try {target}\n"))
            + "busybox timeout 3 busybox nslookup example.org >/dev/null 2>&1 && reached=\"$reached names\"\n"
            + "echo $reached >/tmp/report; exec nc -ll -p 1337 -e /bin/cat /tmp/report";
        var key = NewKey(2);
        var backend = await StartedAsync(Request(key, Template(address: address) with { Command = ["/bin/sh", "-c", script] }), runtime);
        var report = await LineClient.AskAsync(backend.Address, "");

        await over.CancelAsync();
        await closing;
        await StopAsync(key);
        await StopAsync(neighbour);
        return report!.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    // From the kernel's table of routes, read at once: .NET's list of interfaces fails when one of them, such as another test's, goes meanwhile.
    private static List<string> HostAddresses()
    {
        var lines = File.ReadAllLines("/proc/net/fib_trie");
        return
        [
            .. lines.Zip(lines.Skip(1))
                .Where(pair => pair.Second.Contains("/32 host LOCAL", StringComparison.Ordinal))
                .Select(pair => pair.First.Split(' ')[^1])
                .Where(address => !address.StartsWith("127.", StringComparison.Ordinal))
                .Distinct(),
        ];
    }

    private async Task<string> GatewayAsync(string name)
    {
        var network = (await Engine.SendAsync(HttpMethod.Get, "networks/" + name))!;
        return (string)network["IPAM"]!["Config"]![0]!["Gateway"]!;
    }

    private static async Task CloseAllAsync(TcpListener host, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                (await host.AcceptSocketAsync(cancellationToken)).Dispose();
            }
        }
        catch (OperationCanceledException)
        {
            // All was tried.
            return;
        }
    }
}
