using System.Net;
using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;
using Instancer.TestKit.Processes;

namespace Instancer.EndToEnd.Deploy;

/// <summary>The Dockerfile and docker-compose.yml as an operator uses them, but for their base images.</summary>
public sealed partial class DeployTests
{
    [EngineFact]
    public async Task Composed_a_node_serves_clients_from_containers_without_a_network()
    {
        var ports = PortBlock.Take(2);
        var challenge = Challenges.Docker();
        challenge["port"] = ports.First;
        Home.Serve("pwn", challenge);
        Home.Environment["DOCKER_SOCKET"] = Socket;
        Home.Environment["INSTANCER_HOCON"] = WriteConfiguration();
        Home.Environment["INSTANCER_PORTS"] = $"127.0.0.1:{ports.First}:{ports.First}";
        Home.Environment["INSTANCER_ADMIN_PORT"] = $"{ports.Last}";
        await image.UseAsync(Home);
        try
        {
            await ServesComposedAsync(ports);
        }
        finally
        {
            await ComposeAsync("down", "--volumes");
        }

        Assert.Empty(await Engine.ContainersAsync("com.docker.compose.project=" + Home.Name));
        Assert.Empty(await ContainersAsync());
    }

    private async Task ServesComposedAsync(PortBlock ports)
    {
        var up = Home.Start("docker-compose", GatewayImage.Words(Home, "up"));
        await up.LineAsync("pwn listens on");
        var made = await Home.RunAsync("docker-compose", GatewayImage.Words(Home, "exec", "-T", "instancer", "instancer", "token", "new", "ann"), mayShowToken: true);
        var token = TestToken.Of(made.Output.Trim());
        // The other one is what the first run makes.
        await up.LineAsync("Accepting 2 tokens");
        Assert.Equal("1 olleh", await AskAsync(ports.First, token, "hello"));
        // One node needs no network whose addresses are fixed.
        Assert.Equal([Home.Name + "_default"], await ComposedNetworksAsync());
        var container = (await Engine.InspectAsync(Assert.Single(await ContainersAsync())))!;
        Assert.Equal("none", (string)container["HostConfig"]!["NetworkMode"]!);
        var check = await ComposeAsync("exec", "-T", "instancer", "instancer", "check");
        Assert.Contains(check, line => line.Contains("address auto is namespace: ", StringComparison.Ordinal));
        await AdminWantsTheTokenAsync(ports.Last);

        // The next node takes the container up.
        await ComposeAsync("restart");
        Assert.Equal("2 dlrow", await AskWhenItServesAsync(ports.First, token, "world"));
        await ComposeAsync("exec", "-T", "instancer", "instancer", "instances", "stop", $"pwn/{token.Hash}/1");
        Assert.Empty(await ContainersAsync());
    }

    private async Task<IReadOnlyList<string>> ComposedNetworksAsync()
    {
        var filters = Uri.EscapeDataString(new JsonObject { ["label"] = new JsonArray("com.docker.compose.project=" + Home.Name) }.ToJsonString());
        return [.. ((JsonArray)(await Engine.SendAsync(HttpMethod.Get, "networks?filters=" + filters))!).Select(network => (string)network!["Name"]!)];
    }

    // On the host's loopback it is reached, and on no other address of the host.
    private static async Task AdminWantsTheTokenAsync(int port)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Until.Deadline };
        using var refused = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/api/instances"));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => RawSocket.ConnectAsync($"127.0.0.2:{port}"));
    }

    private Task<List<string>> ComposeAsync(params string[] words) => GatewayImage.ComposeAsync(Home, words);
}
