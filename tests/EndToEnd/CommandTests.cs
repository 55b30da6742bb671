using System.Globalization;
using System.Text.Json.Nodes;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Net;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>The operator's and the client's commands against a node that runs.</summary>
public sealed class CommandTests(ITestOutputHelper output) : NodeTest(output)
{
    [Fact]
    public async Task Check_says_what_would_listen_where()
    {
        Home.Serve("sample", Challenges.Sample());
        var good = await Home.RunAsync("check", "--config", Home.WriteConfiguration());
        Assert.Equal(0, good.ExitCode);
        Assert.Contains("challenge sample: 127.0.0.1, a port that the system chooses, runtime process", good.Output, StringComparison.Ordinal);

        Home.Options["challenges"]!["sample"]!["comand"] = "typo";
        var bad = await Home.RunAsync("check", "--config", Home.WriteConfiguration());
        Assert.Equal(2, bad.ExitCode);
        Assert.Contains("command", bad.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_is_as_good_as_the_connection()
    {
        Home.Serve("sample", Challenges.Sample(), ports: 10);
        var node = await StartAsync();
        var tokenFile = await TokenFileAsync();
        var connect = Home.Start("connect", node.EndPoint().ToString(), "--token-file", tokenFile, "--id", "7");
        await connect.Input.WriteAsync("hello\nworld\n");
        connect.Input.Close();
        Assert.Equal(0, await connect.ExitAsync());
        Assert.Equal(["1 olleh", "2 dlrow"], connect.Output);
        Assert.Empty(connect.Error);
        Assert.EndsWith("/7", (string?)Assert.Single(await node.InstancesAsync())["key"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_can_listen_in_place_of_stdin()
    {
        Home.Serve("sample", Challenges.Sample(), ports: 10);
        var node = await StartAsync();
        var connect = Home.Start("connect", node.EndPoint().ToString(), "--token-file", await TokenFileAsync(), "--listen", "0");
        var line = await connect.LineAsync("listening on ");
        var address = line[(line.LastIndexOf(' ') + 1)..];
        using var first = await RawSocket.ConnectAsync(address);
        using var second = await RawSocket.ConnectAsync(address);
        Assert.Equal("1 olleh", await first.AskAsync("hello"));
        Assert.Equal("2 dlrow", await second.AskAsync("world"));
        first.EndSending();
        await first.ExpectEndAsync();
    }

    [Fact]
    public async Task Instances_are_listed_extended_and_stopped()
    {
        Home.Serve("pwn", Challenges.Backend(), ports: 10);
        var node = await StartAsync();
        var (client, _) = await node.AskAsync(Home.Token, 1, Backend.Pid);
        string[] at = ["--admin", node.AdminAddress, "--config", Home.WriteConfiguration()];
        var key = $"pwn/{Home.Token.Hash[..12]}/1";

        var table = await Home.RunAsync(["instances", "list", .. at]);
        Assert.Equal(0, table.ExitCode);
        Assert.Contains(key, table.Output, StringComparison.Ordinal);
        var before = await ExpiresAtAsync(at);

        var extended = await Home.RunAsync(["instances", "extend", key, "00:30:00", .. at]);
        Assert.Equal(0, extended.ExitCode);
        Assert.Equal(before + TimeSpan.FromMinutes(30), await ExpiresAtAsync(at));

        var stopped = await Home.RunAsync(["instances", "stop", key, .. at]);
        Assert.Equal(new CommandResult(0, $"stopped pwn/{Home.Token.Hash}/1", ""), stopped);
        await client.ExpectGoneAsync();
        Assert.Empty(await node.InstancesAsync());
        var again = await Home.RunAsync(["instances", "stop", key, .. at]);
        Assert.Equal(new CommandResult(1, "", $"instancer: there is no instance {key}"), again);
    }

    [Fact]
    public async Task A_token_that_was_made_is_served_until_it_is_revoked()
    {
        Home.Serve("pwn", Challenges.Backend(), ports: 10);
        var node = await StartAsync();
        var made = await Home.RunAsync(["token", "new", "ann", "--config", Home.WriteConfiguration()], mayShowToken: true);
        var token = TestToken.Of(made.Output);
        await node.Process.LineAsync("Accepting 2 tokens");
        Assert.NotEqual("", await node.AskOnceAsync(token, 1, Backend.Pid));
        await Home.RunAsync("token", "revoke", "ann", "--config", Home.WriteConfiguration());
        await node.Process.LineAsync("Accepting 1 tokens");
        await TestKit.Docker.Until.TrueAsync(() => node.Process.Lines.Count(line => line.Contains("Accepting 1 tokens", StringComparison.Ordinal)) == 2, stated: "the token is revoked");
        using var client = await node.ConnectAsync(token);
        await client.ExpectEndAsync();
    }

    private async Task<string> TokenFileAsync()
    {
        var path = Path.Combine(Home.Directory, "token");
        await File.WriteAllTextAsync(path, Home.Token.Text);
        return path;
    }

    private async Task<DateTimeOffset> ExpiresAtAsync(string[] at)
    {
        var list = await Home.RunAsync(["instances", "list", "--json", .. at]);
        return DateTimeOffset.Parse((string)Assert.Single((JsonArray)JsonNode.Parse(list.Output)!)!["expiresAt"]!, CultureInfo.InvariantCulture);
    }
}
