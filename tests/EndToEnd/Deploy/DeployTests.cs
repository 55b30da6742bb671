using System.Net.Sockets;
using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Deploy;

/// <summary>The node in a container of its own, beside its instances.</summary>
public sealed partial class DeployTests(ITestOutputHelper output, DockerEngineFixture fixture, GatewayImage image)
    : EngineNodeTest(output, fixture), IClassFixture<GatewayImage>
{
    /// <summary>The path of the engine's socket.</summary>
    private string Socket
    {
        get
        {
            Assert.StartsWith("unix://", Engine.Host, StringComparison.Ordinal);
            return Engine.Host["unix://".Length..];
        }
    }

    /// <summary>Writes the configuration where the container looks for it; its directory.</summary>
    private string WriteConfiguration()
    {
        var hocon = Directory.CreateDirectory(Path.Combine(Home.Directory, "hocon")).FullName;
        File.WriteAllText(Path.Combine(hocon, "single-node.conf"), new JsonObject { ["instancer"] = Home.Options.DeepClone() }.ToJsonString());
        return hocon;
    }

    private static async Task<string> AskAsync(int port, TestToken token, string line, int identifier = 1)
    {
        using var client = await RawSocket.ConnectAsync($"127.0.0.1:{port}");
        await client.SendAsync(token.Preamble(identifier));
        return await client.AskAsync(line);
    }

    // The engine's own proxy accepts on the host whether or not the node does: only an answer tells.
    private static async Task<string> AskWhenItServesAsync(int port, TestToken token, string line, int identifier = 1)
    {
        var answer = "";
        await Until.TrueAsync(
            async () =>
            {
                try
                {
                    answer = await AskAsync(port, token, line, identifier);
                    return true;
                }
                catch (Exception e) when (e is SocketException or InvalidOperationException)
                {
                    return false;
                }
            },
            stated: "the node serves");
        return answer;
    }
}
