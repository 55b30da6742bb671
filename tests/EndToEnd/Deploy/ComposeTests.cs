using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;
using Instancer.TestKit.Processes;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Deploy;

/// <summary>The Dockerfile and docker-compose.yml as an operator uses them, but for their base images.</summary>
public sealed class ComposeTests(ITestOutputHelper output, DockerEngineFixture fixture) : EngineNodeTest(output, fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [EngineFact]
    public async Task A_node_in_a_container_serves_clients_from_containers_beside_it()
    {
        var (image, baseImage, ports) = ($"instancer-test/{Home.Name}", $"instancer-test/{Home.Name}-base", PortBlock.Take(2));
        Configure(ports, image, baseImage);
        try
        {
            await LocalBaseImage.MakeAsync(Home, baseImage);
            await ComposeAsync("build");
            await ServesAsync(ports);
        }
        finally
        {
            await ComposeAsync("down", "--volumes");
            await RemoveImagesAsync(image, baseImage);
        }

        Assert.Empty(await Engine.ContainersAsync("com.docker.compose.project=" + Home.Name));
        Assert.Empty(await ContainersAsync());
    }

    private void Configure(PortBlock ports, string image, string baseImage)
    {
        var challenge = Challenges.Docker();
        challenge["port"] = ports.First;
        Home.Serve("pwn", challenge);
        Home.Options["admin"]!["port"] = ports.Last;
        var hocon = Directory.CreateDirectory(Path.Combine(Home.Directory, "hocon"));
        File.WriteAllText(Path.Combine(hocon.FullName, "single-node.conf"), new JsonObject { ["instancer"] = Home.Options.DeepClone() }.ToJsonString());

        Assert.StartsWith("unix://", Engine.Host, StringComparison.Ordinal);
        Home.Environment["DOCKER_SOCKET"] = Engine.Host["unix://".Length..];
        Home.Environment["INSTANCER_HOCON"] = hocon.FullName;
        Home.Environment["INSTANCER_IMAGE"] = image;
        Home.Environment["INSTANCER_LISTEN"] = "127.0.0.1";
        Home.Environment["SDK_IMAGE"] = baseImage;
        Home.Environment["RUNTIME_IMAGE"] = baseImage;
        // By the engine's own builder, whatever client is on the PATH.
        Home.Environment["COMPOSE_DOCKER_CLI_BUILD"] = "0";
        Home.Environment["DOCKER_BUILDKIT"] = "0";
        Home.Environment["RUNTIME_ID"] = LocalBaseImage.RuntimeId;
    }

    // The builder leaves its stages behind as images without a name.
    private async Task RemoveImagesAsync(params string[] images)
    {
        foreach (var image in images)
        {
            await Engine.SendAsync(HttpMethod.Delete, $"images/{image}?force=true", absentIsFine: true);
        }

        var filters = new JsonObject { ["dangling"] = new JsonArray("true"), ["label"] = new JsonArray($"{LocalBaseImage.Label}={Home.Name}") };
        await Engine.SendAsync(HttpMethod.Post, $"images/prune?filters={Uri.EscapeDataString(filters.ToJsonString())}");
    }

    private async Task ServesAsync(PortBlock ports)
    {
        var up = Home.Start("docker-compose", Words("up"));
        await up.LineAsync("pwn listens on");
        var made = await Home.RunAsync("docker-compose", Words("exec", "-T", "instancer", "instancer", "token", "new", "ann"), mayShowToken: true);
        var token = TestToken.Of(made.Output.Trim());
        // The other one is what the first run makes.
        await up.LineAsync("Accepting 2 tokens");
        Assert.Equal("1 olleh", await AskAsync(ports, token, "hello"));
        Assert.Single(await ContainersAsync());

        // The next node takes the container up.
        await ComposeAsync("restart");
        await Until.TrueAsync(() => IsListeningAsync(ports), stated: "the node listens again");
        Assert.Equal("2 dlrow", await AskAsync(ports, token, "world"));
        await ComposeAsync("exec", "-T", "instancer", "instancer", "instances", "stop", $"pwn/{token.Hash}/1");
        Assert.Empty(await ContainersAsync());
    }

    private static async Task<string> AskAsync(PortBlock ports, TestToken token, string line)
    {
        using var client = await RawSocket.ConnectAsync($"127.0.0.1:{ports.First}");
        await client.SendAsync(token.Preamble(1));
        return await client.AskAsync(line);
    }

    private static async Task<bool> IsListeningAsync(PortBlock ports)
    {
        try
        {
            using var client = await RawSocket.ConnectAsync($"127.0.0.1:{ports.First}");
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    private Task<List<string>> ComposeAsync(params string[] words) => Home.SucceedsAsync(Patience, "docker-compose", Words(words));

    private string[] Words(params string[] words) =>
        ["--file", Path.Combine(Repository.Root, "docker-compose.yml"), "--project-name", Home.Name, "--ansi", "never", .. words];
}
