using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Processes;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>Scope <c>connection</c>: no preamble, and an instance for as long as the connection lasts.</summary>
public sealed class ConnectionScopeTests(ITestOutputHelper output) : NodeTest(output)
{
    [Fact]
    public async Task Every_connection_has_an_instance_of_its_own_that_goes_with_it()
    {
        Home.Serve("decoy", Challenges.Backend(), ports: 10);
        Home.Options["challenges"]!["decoy"]!["scope"] = "connection";
        var node = await StartAsync();
        var first = await node.ConnectAsync();
        var second = await node.ConnectAsync();
        var pids = new[] { await first.AskAsync(Backend.Pid), await second.AskAsync(Backend.Pid) };
        Assert.NotEqual(pids[0], pids[1]);
        Assert.Equal(2, (await node.InstancesAsync()).Count);

        first.Dispose();
        await node.InstancesAreAsync(all => all.Count == 1, "the instance of the connection that ended is gone");
        Assert.False(Directory.Exists("/proc/" + pids[0]));
        second.Reset();
        await node.InstancesAreAsync(all => all.Count == 0, "and so is that of the one that was reset");
        Assert.Equal([node.Process.Id], MarkedProcesses.Of(Home.Name).Keys);
    }
}
