using System.Net;
using Instancer.Gate.Addresses;
using Instancer.Gateway.Commands;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Tests.Admin;

namespace Instancer.Gateway.Tests.Commands;

/// <summary>The commands about bans, and what they print.</summary>
public sealed class BansCommandTests : IAsyncLifetime
{
    private readonly CommandConsole _console = new(new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
    private AdminRig _rig = null!;
    private AdminClient _client = null!;

    private string Output => _console.Output.ToString()!;

    public async Task InitializeAsync()
    {
        _rig = await AdminRig.StartAsync();
        _client = AdminClient.Create(new AdminSettings(IPAddress.Loopback, _rig.Address.Port, _rig.TokenFile), null).Client!;
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task Bans_are_a_table()
    {
        _rig.Bans.Add(AddressBlock.Parse("198.51.100.0/24").Block!.Value, null, "it scans");
        _rig.Bans.NoteFailure(IPAddress.Parse("2001:db8::1"));
        Assert.Equal(ExitCode.Done, await BansClientCommands.ListAsync(_client, json: false, _console, CancellationToken.None));
        Assert.Equal(
            """
            BLOCK            CAUSE     TIMES  SINCE                 UNTIL                 REASON
            198.51.100.0/24  hand      -      2030-01-01T00:00:00Z  -                     it scans
            2001:db8::/64    failures  1      2030-01-01T00:00:00Z  2030-01-01T01:00:00Z  -

            """.ReplaceLineEndings("\n"),
            Output);
    }

    [Fact]
    public async Task Bans_are_JSON()
    {
        _rig.Bans.Add(AddressBlock.Parse("198.51.100.0/24").Block!.Value, null, null);
        Assert.Equal(ExitCode.Done, await BansClientCommands.ListAsync(_client, json: true, _console, CancellationToken.None));
        Assert.StartsWith("[\n  {\n    \"block\": \"198.51.100.0/24\",\n    \"cause\": \"hand\",\n", Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_is_banned_and_the_ban_lifted()
    {
        Assert.Equal(ExitCode.Done, await BansClientCommands.AddAsync(_client, "192.0.2.0/24", "01:00:00", "a & b = \"c\"", _console, CancellationToken.None));
        Assert.Equal("a & b = \"c\"", Assert.Single(_rig.Bans.List()).Reason);
        Assert.Equal(ExitCode.Done, await BansClientCommands.AddAsync(_client, "2001:db8::/64", null, null, _console, CancellationToken.None));
        Assert.Equal(2, _rig.Bans.List().Count);
        Assert.Equal(ExitCode.Done, await BansClientCommands.RemoveAsync(_client, "192.0.2.0/24", _console, CancellationToken.None));
        Assert.Equal("2001:db8::/64", Assert.Single(_rig.Bans.List()).Block.ToString());
        Assert.Equal(
            "192.0.2.0/24 is banned until 2030-01-01T01:00:00Z\n2001:db8::/64 is banned for good\n192.0.2.0/24 is banned no more\n", Output);
    }

    [Fact]
    public async Task What_the_endpoint_refuses_is_said()
    {
        var refusal = await Assert.ThrowsAsync<AdminRequestException>(() => BansClientCommands.RemoveAsync(_client, "192.0.2.1", _console, CancellationToken.None));
        Assert.Equal("192.0.2.1 is not banned", refusal.Message);
    }

    [Fact]
    public async Task The_words_of_the_command_line_reach_the_node()
    {
        var directory = Directory.CreateTempSubdirectory("instancer-bans-");
        try
        {
            string[] rest =
            [
                "--admin", _rig.Address.ToString(), "--set", $"stateDirectory={directory.FullName}", "--set", $"admin.tokenFile={_rig.TokenFile}",
            ];
            var (exitCode, output, error) = await InstancerProcess.RunAsync(
                directory.FullName, ["bans", "add", "192.0.2.0/24", "--for", "01:00:00", "--reason", "it scans", .. rest]);
            Assert.Equal((ExitCode.Done, "192.0.2.0/24 is banned until 2030-01-01T01:00:00Z\n", ""), (exitCode, output, error));
            (_, output, _) = await InstancerProcess.RunAsync(directory.FullName, ["bans", "list", .. rest]);
            Assert.Contains("192.0.2.0/24  hand   -      2030-01-01T00:00:00Z  2030-01-01T01:00:00Z  it scans\n", output, StringComparison.Ordinal);
            (exitCode, _, error) = await InstancerProcess.RunAsync(directory.FullName, ["bans", "remove", "192.0.2.1", .. rest]);
            Assert.Equal((ExitCode.Failed, "instancer: 192.0.2.1 is banned as a part of 192.0.2.0/24; lift that\n"), (exitCode, error));
            (exitCode, _, _) = await InstancerProcess.RunAsync(directory.FullName, ["bans", "remove", "192.0.2.0/24", .. rest]);
            Assert.Equal(ExitCode.Done, exitCode);
            Assert.Empty(_rig.Bans.List());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
