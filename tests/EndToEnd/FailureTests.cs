using System.Net;
using System.Net.Sockets;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Processes;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>
/// Starts that fail: the client is closed in time, the log and the list of instances say why, nothing is left, and once the cause is
/// gone clients are served.
/// </summary>
public sealed class FailureTests(ITestOutputHelper output) : NodeTest(output)
{
    private string Mended => Path.Combine(Home.Directory, "mended");

    [Fact]
    public async Task A_command_that_exits_at_once()
    {
        Home.Serve("pwn", Challenges.Shell($"[ -e '{Mended}' ] || exit 3; exec \"$2\" \"$1\""), ports: 10);
        await FailsThenServesAsync("exited with status 3");
    }

    [Fact]
    public async Task A_port_that_never_listens()
    {
        Home.Serve("pwn", Challenges.Shell($"[ -e '{Mended}' ] || exec sleep 1000000; exec \"$2\" \"$1\""), ports: 10);
        Home.Options["challenges"]!["pwn"]!["startTimeout"] = "00:00:01";
        await FailsThenServesAsync("nothing listened on port");
    }

    [Fact]
    public async Task A_command_that_is_not_there()
    {
        var command = Path.Combine(Home.Directory, "server");
        Home.Serve("pwn", Challenges.Process([command, "{port}"]), ports: 10);
        await FailsThenServesAsync($"there is no command {command}", () => File.CreateSymbolicLink(command, Path.Combine(AppContext.BaseDirectory, "Instancer.EndToEnd")));
    }

    [Fact]
    public async Task The_listening_port_is_taken()
    {
        using var stranger = new TcpListener(IPAddress.Loopback, 0);
        stranger.Start();
        Home.Serve("pwn", Challenges.Backend());
        Home.Options["challenges"]!["pwn"]!["port"] = ((IPEndPoint)stranger.LocalEndpoint).Port;
        var result = await Home.RunAsync("serve", "--config", Home.WriteConfiguration());
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("", result.Output);
        var error = Assert.Single(result.Error.Split('\n'), line => line.StartsWith("instancer: ", StringComparison.Ordinal));
        Assert.Contains($"cannot listen on {stranger.LocalEndpoint}", error, StringComparison.Ordinal);
    }

    private async Task FailsThenServesAsync(string reason, Action? mend = null)
    {
        var node = await StartAsync();
        using (var client = await node.ConnectAsync(Home.Token))
        {
            await client.ExpectEndAsync();
        }

        await node.Process.LineAsync(line => line.Contains(" did not start: ", StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal), reason);
        var failed = Assert.Single(await node.InstancesAsync());
        Assert.Equal("failed", (string?)failed["state"]);
        Assert.Contains(reason, (string?)failed["lastFailure"], StringComparison.Ordinal);

        // The node itself, and nothing else.
        Assert.Equal([node.Process.Id], MarkedProcesses.Of(Home.Name).Keys);

        (mend ?? (() => File.WriteAllText(Mended, "")))();
        Assert.NotEqual("", await node.AskOnceAsync(Home.Token, 1, Backend.Pid));
        Assert.Null((string?)Assert.Single(await node.InstancesAsync())["lastFailure"]);
    }
}
