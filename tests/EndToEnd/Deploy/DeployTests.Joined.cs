using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;
using Instancer.TestKit.Processes;

namespace Instancer.EndToEnd.Deploy;

/// <summary>A node that has the engine's socket and nothing else.</summary>
public sealed partial class DeployTests
{
    private const int AdminPort = 9090;

    [EngineFact]
    public async Task With_the_socket_alone_instances_are_served_and_reach_neither_each_other_nor_the_host()
    {
        var ports = PortBlock.Take(2);
        var gateway = await StartJoinedAsync(ports);
        try
        {
            Assert.Contains(await gateway.InstancerAsync("check"), line => line.Contains("address auto is joined: ", StringComparison.Ordinal));
            using var session = await RawSocket.ConnectAsync($"127.0.0.1:{ports.First}");
            await session.SendAsync(Home.Token.Preamble(1));
            Assert.Equal("1 olleh", await session.AskAsync("hello"));
            var answers = await Task.WhenAll(Enumerable.Range(2, 3).Select(identifier => AskAsync(ports.First, Home.Token, "world", identifier)));
            Assert.All(answers, answer => Assert.Equal("1 dlrow", answer));
            await KeptApartAsync(gateway, ports);
            // What the gateway joins meanwhile does not disturb whom it serves.
            Assert.Equal("2 niaga", await session.AskAsync("again"));
        }
        finally
        {
            await EndAsync(gateway);
        }
    }

    [EngineFact]
    public async Task A_gateway_that_is_restarted_or_made_anew_takes_its_instances_over_and_networks_are_used_again()
    {
        var ports = PortBlock.Take(2);
        var gateway = await StartJoinedAsync(ports);
        try
        {
            Assert.Equal("1 olleh", await AskAsync(ports.First, Home.Token, "hello"));
            var container = Assert.Single(await ContainersAsync());
            await gateway.RestartAsync();
            Assert.Equal("2 dlrow", await AskWhenItServesAsync(ports.First, Home.Token, "world"));
            await gateway.RecreateAsync();
            Assert.Equal("3 niaga", await AskWhenItServesAsync(ports.First, Home.Token, "again"));
            Assert.Equal(container, Assert.Single(await ContainersAsync()));
            await gateway.InstancerAsync("instances", "stop", $"pwn/{Home.Token.Hash}/1");

            for (var round = 2; round <= 6; round++)
            {
                Assert.Equal("1 olleh", await AskAsync(ports.First, Home.Token, "hello", round));
                await gateway.InstancerAsync("instances", "stop", $"pwn/{Home.Token.Hash}/{round}");
                Assert.Empty(await ContainersAsync());
            }

            Assert.Single(await SlotsAsync());
        }
        finally
        {
            await EndAsync(gateway);
        }
    }

    private async Task<GatewayInContainer> StartJoinedAsync(PortBlock ports)
    {
        var (challenge, wayOut) = (Challenges.Docker(), Challenges.Docker());
        (challenge["port"], wayOut["port"], wayOut["egress"]) = (ports.First, ports.Last, true);
        Home.Serve("pwn", challenge);
        Home.Serve("out", wayOut);
        Home.Options["admin"]!["port"] = AdminPort;
        await image.UseAsync(Home);
        var gateway = new GatewayInContainer(Home, Engine, image.Name, WriteConfiguration(), Socket, ports);
        await gateway.StartAsync();
        await Until.TrueAsync(async () => (await SlotsAsync()).Count == 1, stated: "the gateway has joined its first network");
        return gateway;
    }

    private async Task EndAsync(GatewayInContainer gateway)
    {
        foreach (var container in await ContainersAsync())
        {
            await Engine.RemoveAsync(container);
        }

        await gateway.RemoveAsync();
    }

    private async Task KeptApartAsync(GatewayInContainer gateway, PortBlock ports)
    {
        var containers = await ContainersAsync();
        var networks = await Task.WhenAll(containers.Select(async container => Assert.Single(await NetworksAsync(container))));
        Assert.Equal(4, networks.Select(network => network.Key).Distinct().Count());
        var (slot, other) = (networks[0].Key, networks[1]);
        var otherIp = (string)other.Value!["IPAddress"]!;
        var own = await NetworksAsync(gateway.Name);

        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        var host = $"{(string)own[gateway.Name]!["Gateway"]!} {((IPEndPoint)listener.LocalEndpoint).Port}";
        Assert.False(await ReachesAsync(containers[0], $"{otherIp} {TestImages.Port}"));
        Assert.False(await ReachesAsync(containers[0], $"{(string)own[other.Key]!["IPAddress"]!} {ports.First}"));
        Assert.False(await ReachesAsync(containers[0], host));
        // The gateway itself it reaches, as a client from the world does: its challenges, and not what listens on its loopback.
        Assert.True(await ReachesAsync(containers[0], $"{(string)own[slot]!["IPAddress"]!} {ports.First}"));
        Assert.False(await ReachesAsync(containers[0], $"{(string)own[slot]!["IPAddress"]!} {AdminPort}"));

        // With a way out it is on two networks, and reaches more, but no other instance.
        Assert.Equal("1 tuo", await AskAsync(ports.Last, Home.Token, "out"));
        var withWayOut = Assert.Single(await ContainersAsync(), container => !containers.Contains(container));
        var closing = CloseNextAsync(listener);
        Assert.True(await ReachesAsync(withWayOut, host));
        await closing;
        var wayOutIp = (string)(await NetworksAsync(withWayOut)).Single(network => network.Key.Contains("-slot-", StringComparison.Ordinal)).Value!["IPAddress"]!;
        Assert.True(await IsAnsweredAsync(withWayOut, wayOutIp));
        Assert.False(await IsAnsweredAsync(withWayOut, otherIp));
    }

    private async Task<JsonObject> NetworksAsync(string container) =>
        (JsonObject)(await Engine.InspectAsync(container))!["NetworkSettings"]!["Networks"]!;

    private static async Task CloseNextAsync(TcpListener listener)
    {
        using var accepted = await listener.AcceptSocketAsync();
    }

    // Whether a connection comes about, tried from inside.
    private Task<bool> ReachesAsync(string container, string address) => SucceedsAsync(container, $"nc -w 2 {address} </dev/null");

    // Whether it is an instance that answers: beyond the host there may be somebody who takes every connection.
    private Task<bool> IsAnsweredAsync(string container, string ip) =>
        SucceedsAsync(container, $"case $(echo probe | nc -w 2 {ip} {TestImages.Port}) in *eborp) exit 0;; esac; exit 1");

    private async Task<bool> SucceedsAsync(string container, string script)
    {
        try
        {
            await Engine.RunAsync(container, "/bin/sh", "-c", script);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private async Task<JsonArray> SlotsAsync()
    {
        var filters = Uri.EscapeDataString(new JsonObject { ["label"] = new JsonArray("instancer.node=" + Home.Name), ["name"] = new JsonArray("-slot-") }.ToJsonString());
        return (JsonArray)(await Engine.SendAsync(HttpMethod.Get, $"networks?filters={filters}"))!;
    }
}
