using System.Globalization;
using System.Text.Json;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Commands;

/// <summary>The whole of it as processes: a node, clients of it, and operators who look at it.</summary>
public sealed class ServeTests : IDisposable
{
    private static readonly string[] AnyPorts = ["--set", "challenges.sample.port=0", "--set", "admin.port=0"];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("instancer-serve-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task The_first_run_shows_a_line_that_connects()
    {
        await using var node = Start();
        var (address, _) = await AddressesAsync(node);
        var line = await node.OutputLineAsync(" connect ");
        Assert.EndsWith($" connect {address} --token-file var/dev-token", line, StringComparison.Ordinal);
        Assert.Equal((0, "1 olleh\n", ""), await ConnectAsync(address, "hello\n"));
        Assert.Equal((0, "2 niaga\n", ""), await ConnectAsync(address, "again\n"));
        Assert.Equal((0, "1 rehto\n", ""), await ConnectAsync(address, "other\n", "--id", "2"));
    }

    [Fact]
    public async Task A_second_run_accepts_the_same_token()
    {
        var path = Path.Combine(_directory.FullName, "var", "dev-token");
        await using (var first = Start())
        {
            await AddressesAsync(first);
            await StopAsync(first);
        }

        var token = await File.ReadAllBytesAsync(path);
        await using var second = Start();
        var (address, _) = await AddressesAsync(second);
        Assert.Equal(token, await File.ReadAllBytesAsync(path));
        Assert.Equal((0, "1 olleh\n", ""), await ConnectAsync(address, "hello\n"));
    }

    [Fact]
    public async Task With_a_configuration_of_one_s_own_no_development_token_is_made()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_directory.FullName, "own.conf"),
            """{ "instancer": { "challenges": { "sample": { "port": 1, "runtime": "process", "command": ["instancer", "sample-challenge", "--port", "{port}"] } } } }""");
        await using var node = Start("--config", "own.conf");
        await AddressesAsync(node);
        Assert.False(File.Exists(Path.Combine(_directory.FullName, "var", "dev-token")));
    }

    [Fact]
    public async Task A_revoked_token_is_refused_while_the_node_runs()
    {
        await using var node = Start();
        var (address, _) = await AddressesAsync(node);
        Assert.Equal(0, (await InstancerProcess.RunAsync(_directory.FullName, "token", "revoke", "dev")).ExitCode);
        await node.ErrorLineAsync("Accepting 0 tokens");
        Assert.Equal("", (await ConnectAsync(address, "hello\n")).Output);
    }

    [Fact]
    public async Task Operators_list_extend_and_stop_instances()
    {
        await using var node = Start();
        var (address, admin) = await AddressesAsync(node);
        await ConnectAsync(address, "hello\n");
        using var before = await InstanceAsync(admin);
        var key = before.RootElement[0].GetProperty("key").GetString()!;
        Assert.Equal("dev", before.RootElement[0].GetProperty("client").GetString());

        var table = (await OperateAsync(admin, "list")).Output.Split('\n');
        var shortKey = table[1].Split(' ')[0];
        Assert.StartsWith("KEY ", table[0], StringComparison.Ordinal);
        Assert.True(shortKey.Length < key.Length);

        Assert.Equal(0, (await OperateAsync(admin, "extend", shortKey, "00:30:00")).ExitCode);
        using var after = await InstanceAsync(admin);
        Assert.Equal(TimeSpan.FromMinutes(30), ExpiryOf(after) - ExpiryOf(before));

        Assert.Equal((1, "", "instancer: there is no instance sample/zz/1\n"), await OperateAsync(admin, "stop", "sample/zz/1"));
        Assert.Equal((0, $"stopped {key}\n", ""), await OperateAsync(admin, "stop", shortKey));
        Assert.Equal((0, "[]\n", ""), await OperateAsync(admin, "list", "--json"));
    }

    [Fact]
    public async Task SIGTERM_lets_a_session_finish_and_ends_with_0()
    {
        await using var node = Start();
        var (address, _) = await AddressesAsync(node);
        await using var client = InstancerProcess.Start(_directory.FullName, "connect", address);
        await client.Process.StandardInput.WriteAsync("before\n");
        Assert.Equal("1 erofeb", await client.OutputLineAsync("erofeb"));
        Signal(node, "TERM");
        await node.ErrorLineAsync("draining");
        await client.Process.StandardInput.WriteAsync("after\n");
        Assert.Equal("2 retfa", await client.OutputLineAsync("retfa"));
        client.Process.StandardInput.Close();
        Assert.Equal(0, (await client.EndAsync()).ExitCode);
        Assert.Equal(0, (await node.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_second_signal_stops_at_once()
    {
        await using var node = Start();
        var (address, _) = await AddressesAsync(node);
        await using var client = InstancerProcess.Start(_directory.FullName, "connect", address);
        await client.Process.StandardInput.WriteAsync("before\n");
        await client.OutputLineAsync("erofeb");
        Signal(node, "TERM");
        await node.ErrorLineAsync("draining");
        Signal(node, InterruptIsIgnored ? "TERM" : "INT");
        Assert.Equal(0, (await node.EndAsync()).ExitCode);
        Assert.Equal(1, (await client.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task An_operator_drains_a_node_and_sessions_may_finish()
    {
        await using var node = Start();
        var (address, admin) = await AddressesAsync(node);
        await using var client = InstancerProcess.Start(_directory.FullName, "connect", address);
        await client.Process.StandardInput.WriteAsync("before\n");
        await client.OutputLineAsync("erofeb");
        await using var drain = InstancerProcess.Start(_directory.FullName, "drain", "--wait", "--admin", admin);
        Assert.Equal("node-1 drains", await drain.OutputLineAsync("drains"));
        await node.ErrorLineAsync("The admin endpoint: draining");
        var nodes = await InstancerProcess.RunAsync(_directory.FullName, "nodes", "list", "--admin", admin);
        Assert.Equal("node-1 - yes yes yes sample 1/100", string.Join(' ', nodes.Output.Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)));

        // The first signal after it is no second one.
        Signal(node, "TERM");
        await client.Process.StandardInput.WriteAsync("after\n");
        Assert.Equal("2 retfa", await client.OutputLineAsync("retfa"));
        client.Process.StandardInput.Close();
        Assert.Equal(0, (await client.EndAsync()).ExitCode);
        Assert.Equal(0, (await node.EndAsync()).ExitCode);
        Assert.Equal((0, "node-1 has stopped\n", ""), await drain.EndAsync());
    }

    // As it is for what a shell starts in the background, and for all that this starts in turn: signal(7), bit 1 for signal 2.
    private static bool InterruptIsIgnored => File.ReadLines("/proc/self/status")
        .Any(line => line.StartsWith("SigIgn:", StringComparison.Ordinal) && (Convert.ToUInt64(line.Split('\t')[1], 16) & 2) != 0);

    private InstancerProcess Start(params string[] words) => InstancerProcess.Start(_directory.FullName, [.. AnyPorts, .. words]);

    private static async Task<(string Challenge, string Admin)> AddressesAsync(InstancerProcess node) => (
        (await node.OutputLineAsync("challenge sample listens on ")).Split(' ')[^1],
        (await node.OutputLineAsync("admin endpoint listens on ")).Split(' ')[^1]);

    private async Task<(int ExitCode, string Output, string Error)> ConnectAsync(string address, string input, params string[] words)
    {
        await using var client = InstancerProcess.Start(_directory.FullName, ["connect", address, .. words]);
        await client.Process.StandardInput.WriteAsync(input);
        client.Process.StandardInput.Close();
        return await client.EndAsync();
    }

    private Task<(int ExitCode, string Output, string Error)> OperateAsync(string admin, params string[] words) =>
        InstancerProcess.RunAsync(_directory.FullName, ["instances", .. words, "--admin", admin]);

    private async Task<JsonDocument> InstanceAsync(string admin) => JsonDocument.Parse((await OperateAsync(admin, "list", "--json")).Output);

    private static DateTimeOffset ExpiryOf(JsonDocument instances) =>
        DateTimeOffset.Parse(instances.RootElement[0].GetProperty("expiresAt").GetString()!, CultureInfo.InvariantCulture);

    private static async Task StopAsync(InstancerProcess node)
    {
        Signal(node, "TERM");
        Assert.Equal(0, (await node.EndAsync()).ExitCode);
    }

    private static void Signal(InstancerProcess node, string signal)
    {
        using var kill = System.Diagnostics.Process.Start("kill", ["-" + signal, node.Process.Id.ToString(CultureInfo.InvariantCulture)]);
        Assert.True(kill.WaitForExit(RawSocket.Deadline));
    }
}
