using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Instancer.Actors;

namespace Instancer.Gateway.Tests.Commands;

/// <summary>What the executable answers on bad and good input: its exit code, and errors of one line.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("instancer-command-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("bogus", "instancer: Unrecognized command or argument 'bogus'. Try instancer --help.\n")]
    [InlineData("serve --bogus", "instancer: Unrecognized command or argument '--bogus'. Try instancer --help.\n")]
    [InlineData("token", "instancer: Required command was not provided. Try instancer --help.\n")]
    [InlineData("token new", "instancer: Required argument 'NAME' missing for command: 'new'. Try instancer --help.\n")]
    [InlineData("connect", "instancer: Required argument 'HOST:PORT' missing for command: 'connect'. Try instancer --help.\n")]
    [InlineData("connect here", "instancer: \"here\" is not an address; allowed: HOST:PORT, such as 127.0.0.1:12345\n")]
    [InlineData("connect ::1:5", "instancer: \"::1:5\" is not an address; allowed: HOST:PORT, such as 127.0.0.1:12345\n")]
    [InlineData("connect 127.0.0.1:1 --token-file short", "instancer: short does not hold a token; a token is exactly 128 bytes\n")]
    [InlineData("connect 127.0.0.1:1 --id 65536", "instancer: Cannot parse argument '65536' for option '--id' as expected type 'System.UInt16'. Try instancer --help.\n")]
    [InlineData("sample-challenge", "instancer: Option '--port' is required. Try instancer --help.\n")]
    [InlineData("sample-challenge --port x", "instancer: Cannot parse argument 'x' for option '--port' as expected type 'System.UInt16'. Try instancer --help.\n")]
    [InlineData("sample-challenge --port 0 --listen here", "instancer: \"here\" is not an IP address; allowed: an address to bind, such as 127.0.0.1, 0.0.0.0 or ::\n")]
    [InlineData("instances stop x", "instancer: \"x\" is not a key; allowed: CHALLENGE/HASH/IDENTIFIER, the hash may be cut short\n")]
    [InlineData("instances extend a/b/1 5", "instancer: \"5\" is not a duration; allowed: hh:mm:ss, more than zero and at most 1000:00:00\n")]
    [InlineData("instances list --admin x", "instancer: --admin \"x\": not a URL; allowed: such as http://127.0.0.1:9090\n")]
    [InlineData("instances list --set admin.port=0", "instancer: the configuration does not say where the admin endpoint is; name it with --admin URL\n")]
    [InlineData("nodes", "instancer: Required command was not provided. Try instancer --help.\n")]
    [InlineData("drain now", "instancer: Unrecognized command or argument 'now'. Try instancer --help.\n")]
    [InlineData("check --set cluster.advertise=x --set cluster.secretFile=none --set cluster.etcd.0=x", "instancer: instancer.node: missing; allowed: with a cluster a name that no other node of it has\ninstancer: instancer.cluster.advertise: \"x\" is not ", 4)]
    [InlineData("token new #x", "instancer: \"#x\" is not a client's name; allowed: 1 to 64 printable ASCII characters, no space, no # in front\n")]
    [InlineData("check --set gateway.listn=x", "instancer: instancer.gateway.listn: unknown key; did you mean \"listen\"?\n")]
    [InlineData("serve --set gateway.listen=x", "instancer: instancer.gateway.listen: \"x\" is not an IP address; allowed: an address to bind, such as 127.0.0.1, 0.0.0.0 or ::\n")]
    [InlineData("--set node", "instancer: --set \"node\": not of the form PATH=VALUE, such as gateway.listen=0.0.0.0\n")]
    [InlineData("token list --config bad.conf", "instancer: bad.conf:1:3: not JSON: ")]
    [InlineData("check --config missing.conf", "instancer: missing.conf: cannot be read: ")]
    public async Task Wrong_usage_and_a_wrong_configuration_are_2(string words, string error, int lines = 1)
    {
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "short"), "short");
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "bad.conf"), "{ x");
        var result = await RunAsync(words.Split(' '));
        Assert.StartsWith(error, result.Error, StringComparison.Ordinal);
        Assert.Equal((2, "", lines), (result.ExitCode, result.Output, result.Error.Count(c => c == '\n')));
    }

    [Fact]
    public async Task Every_error_of_a_configuration_is_a_line()
    {
        var result = await RunAsync("check", "--set", "ports.first=x", "--set", "reaper.order=y");
        Assert.Equal((2, 2), (result.ExitCode, result.Error.Count(c => c == '\n')));
    }

    [Theory]
    [InlineData("token revoke nobody", "instancer: nobody has no token in var/tokens\n")]
    [InlineData("instances list --admin http://127.0.0.1:1", "instancer: the admin endpoint http://127.0.0.1:1/ does not answer: Connection refused (127.0.0.1:1)\n")]
    [InlineData("drain --admin http://127.0.0.1:1", "instancer: the admin endpoint http://127.0.0.1:1/ does not answer: Connection refused (127.0.0.1:1)\n")]
    [InlineData("sample-challenge --port 1 --listen 192.0.2.1", "instancer: cannot listen on 192.0.2.1:1: ")]
    public async Task What_fails_is_1(string words, string error)
    {
        var result = await RunAsync(words.Split(' '));
        Assert.StartsWith(error, result.Error, StringComparison.Ordinal);
        Assert.Equal((1, "", 1), (result.ExitCode, result.Output, result.Error.Count(c => c == '\n')));
    }

    [Fact]
    public async Task A_connection_that_is_refused_is_1()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "token"), new string('t', 128));
        var result = await RunAsync("connect", "127.0.0.1:1", "--token-file", "token");
        Assert.Equal((1, "", "instancer: 127.0.0.1:1: Connection refused\n"), result);
    }

    [Theory]
    [InlineData("--help", "Usage:")]
    [InlineData("--version", ".")]
    [InlineData("check", "challenge sample: 127.0.0.1:12345, runtime process, an instance for every token and identifier\n")]
    [InlineData("check", "admin endpoint: 127.0.0.1:9090\n")]
    [InlineData("check", "cluster: none\n")]
    public async Task What_is_done_is_0(string words, string output)
    {
        var result = await RunAsync(words.Split(' '));
        Assert.Contains(output, result.Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Check_cannot_reach_an_engine_that_is_not_there()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_directory.FullName, "d.conf"),
            """{ "instancer": { "challenges": { "pwn": { "port": 1, "runtime": "docker", "image": "i", "containerPort": 1 } } } }""");
        var result = await InstancerProcess.RunAsync(
            _directory.FullName, new Dictionary<string, string> { ["DOCKER_HOST"] = $"unix://{_directory.FullName}/none.sock" }, "check", "--config", "d.conf");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("instancer: the container engine cannot be used: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("challenge pwn: 127.0.0.1:1, runtime docker", result.Output, StringComparison.Ordinal);
        Assert.Contains("\n  isolation: read-only root, /tmp 16 MiB, no capabilities, no new privileges, default seccomp, ", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("warning: ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listening_port_that_is_taken_is_1_and_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var result = await RunAsync("--set", $"challenges.sample.port={((IPEndPoint)taken.LocalEndpoint).Port}");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"instancer: challenge sample: cannot listen on {taken.LocalEndpoint}: address already in use\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_admin_port_that_is_taken_is_1_and_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var result = await RunAsync("--set", "challenges.sample.port=0", "--set", $"admin.port={((IPEndPoint)taken.LocalEndpoint).Port}");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"instancer: admin endpoint: cannot listen on {taken.LocalEndpoint}: address already in use\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_made_listed_and_revoked()
    {
        var made = await RunAsync("token", "new", "ann");
        var token = made.Output.TrimEnd('\n');
        Assert.Equal((0, 128), (made.ExitCode, token.Length));
        var hash = TokenHash.Of(Encoding.ASCII.GetBytes(token)).ToString();
        Assert.Equal($"ann sha256:{hash}\n", await File.ReadAllTextAsync(Path.Combine(_directory.FullName, "var", "tokens")));

        Assert.Equal((1, "", "instancer: ann has a token in var/tokens already; revoke it first\n"), await RunAsync("token", "new", "ann"));
        Assert.Equal((0, $"NAME  SHA256\nann   {hash[..12]}\n", ""), await RunAsync("token", "list"));
        using (var json = JsonDocument.Parse((await RunAsync("token", "list", "--json")).Output))
        {
            var listed = Assert.Single(json.RootElement.EnumerateArray());
            Assert.Equal(("ann", hash), (listed.GetProperty("name").GetString(), listed.GetProperty("sha256").GetString()));
        }

        Assert.Equal((0, "", "ann is accepted no more.\n"), await RunAsync("token", "revoke", "ann"));
        Assert.Equal((0, "NAME  SHA256\n", ""), await RunAsync("token", "list"));
    }

    [Fact]
    public async Task A_token_can_go_straight_to_a_file()
    {
        var made = await RunAsync("token", "new", "ann", "--raw-out", "ann.token");
        Assert.Equal((0, "", "ann is in var/tokens, the token in ann.token.\n"), made);
        Assert.Equal(128, new FileInfo(Path.Combine(_directory.FullName, "ann.token")).Length);
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] words) =>
        InstancerProcess.RunAsync(_directory.FullName, words);
}
