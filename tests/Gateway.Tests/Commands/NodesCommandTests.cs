using System.Net;
using Instancer.Gateway.Commands;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Tests.Admin;
using Instancer.TestKit.Docker;

namespace Instancer.Gateway.Tests.Commands;

/// <summary>What the commands that ask a node print of its answers.</summary>
public sealed class NodesCommandTests : IAsyncLifetime
{
    private readonly CommandConsole _console = new(new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
    private AdminRig _rig = null!;
    private AdminClient _client = null!;

    private string Output => _console.Output.ToString()!;

    private string Error => _console.Error.ToString()!;

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
    public async Task Nodes_are_a_table()
    {
        _rig.Node.Others.Add(FakeNode.View("node-0") with { Place = false, Draining = true });
        Assert.Equal(ExitCode.Done, await NodesClientCommands.ListAsync(_client, json: false, _console, CancellationToken.None));
        Assert.Equal(
            """
            NODE    ADVERTISE      HERE  PLACE  DRAINING  INSTANCES
            node-0  10.0.0.1:7946  no    no     yes       pwn 2/100, web 0/5
            node-1  10.0.0.1:7946  yes   yes    no        pwn 2/100, web 0/5

            """.ReplaceLineEndings("\n"),
            Output);
    }

    [Fact]
    public async Task Nodes_are_JSON()
    {
        Assert.Equal(ExitCode.Done, await NodesClientCommands.ListAsync(_client, json: true, _console, CancellationToken.None));
        Assert.StartsWith("[\n  {\n    \"name\": \"node-1\",\n", Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_node_has_a_column_where_there_are_several()
    {
        var key = _rig.Add("pwn", 1);
        Assert.Equal(ExitCode.Done, await InstancesClientCommands.ListAsync(_client, json: false, _console, CancellationToken.None));
        Assert.StartsWith("KEY ", Output, StringComparison.Ordinal);
        _rig.Node.Others.Add(FakeNode.View("node-2"));
        Assert.Equal(ExitCode.Done, await InstancesClientCommands.ListAsync(_client, json: false, _console, CancellationToken.None));
        Assert.Contains($"\nNODE    KEY ", Output, StringComparison.Ordinal);
        Assert.Contains($"\nnode-1  {key.ToShortString()} ", Output, StringComparison.Ordinal);
        Assert.Equal("", Error);
    }

    [Fact]
    public async Task A_list_that_lacks_a_node_says_so_and_is_a_failure()
    {
        var key = _rig.Add("pwn", 1);
        _rig.Peers.Nodes.Add("node-2", new FakeDirectory());
        _rig.Peers.Gone.Add("node-2");
        Assert.Equal(ExitCode.Failed, await InstancesClientCommands.ListAsync(_client, json: true, _console, CancellationToken.None));
        Assert.Contains(key.ToString(), Output, StringComparison.Ordinal);
        Assert.Equal("instancer: no answer came from node-2: what they have is not shown\n", Error);
    }

    [Fact]
    public async Task What_may_be_on_a_node_that_does_not_answer_is_not_said_to_be_nowhere()
    {
        _rig.Peers.Nodes.Add("node-2", new FakeDirectory());
        _rig.Peers.Gone.Add("node-2");
        Assert.Equal(ExitCode.Failed, await InstancesClientCommands.StopAsync(_client, "pwn/ab/1", _console, CancellationToken.None));
        Assert.Equal("instancer: there is no instance pwn/ab/1 on the nodes that answered; no answer came from node-2\n", Error);
    }

    [Fact]
    public async Task A_drain_has_begun_when_the_command_ends()
    {
        Assert.Equal(ExitCode.Done, await NodesClientCommands.DrainAsync(_client, wait: false, TimeProvider.System, _console, CancellationToken.None));
        Assert.Equal(("node-1 drains\n", true), (Output, _rig.Node.IsAsked));
    }

    [Fact]
    public async Task With_wait_it_is_over_when_the_command_ends()
    {
        var draining = NodesClientCommands.DrainAsync(_client, wait: true, TimeProvider.System, _console, CancellationToken.None);
        await Until.TrueAsync(() => _rig.Node.Looks > 2, stated: "the command looks whether the node is there still");
        Assert.False(draining.IsCompleted);
        await _rig.StopAsync();
        Assert.Equal(ExitCode.Done, await draining);
        Assert.Equal("node-1 drains\nnode-1 has stopped\n", Output);
    }

    [Fact]
    public async Task A_node_that_was_started_again_meanwhile_is_another_one()
    {
        var draining = NodesClientCommands.DrainAsync(_client, wait: true, TimeProvider.System, _console, CancellationToken.None);
        await Until.TrueAsync(() => _rig.Node.Looks > 0, stated: "the command looks whether the node is there still");
        _rig.Node.Askers.Clear();
        Assert.Equal(ExitCode.Done, await draining);
        Assert.EndsWith("node-1 has stopped\n", Output, StringComparison.Ordinal);
    }
}
