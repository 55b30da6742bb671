using Instancer.TestKit.Cluster;
using Instancer.TestKit.Processes;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Loopback;

/// <summary><c>instancer check</c> of a node that is one of several.</summary>
public sealed class CheckTests(LoopbackStore store, ITestOutputHelper output) : LoopbackTest(store, output)
{
    [EtcdFact]
    public async Task Check_says_who_is_there_and_that_a_name_is_taken_and_changes_nothing()
    {
        var there = (await StartAsync(1))[0];
        var node = NewNode();
        var good = await CheckAsync(node);
        Assert.Equal((0, ""), (good.ExitCode, good.Error));
        Assert.Contains($"cluster: listens for other nodes on 127.0.0.1:{node.Port}, reached by them at 127.0.0.1:{node.Port}; ", good.Output, StringComparison.Ordinal);
        Assert.Contains($"etcd at {Etcd.Url(0)}: answers; there: {there.Name} at 127.0.0.1:{there.Port}", good.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", good.Output, StringComparison.Ordinal);

        node.Home.Options["node"] = there.Name;
        Assert.Contains(
            $"warning: there is a node {there.Name} already, at 127.0.0.1:{there.Port}; each node needs a name of its own", (await CheckAsync(node)).Output, StringComparison.Ordinal);
        Assert.True(await there.IsReadyAsync());
        await there.KnowsAsync(1);
    }

    [EtcdFact]
    public async Task Check_fails_where_no_etcd_answers_and_warns_where_one_of_several_does_not()
    {
        var dead = $"http://127.0.0.1:{PortBlock.Take(1).First}";
        var alone = await CheckAsync(NewNode(dead));
        Assert.Equal((2, $"instancer: etcd at {dead}: Connection refused"), (alone.ExitCode, alone.Error));

        var one = await CheckAsync(NewNode(Etcd.Url(0), dead));
        Assert.Equal((0, ""), (one.ExitCode, one.Error));
        Assert.Contains($"etcd at {Etcd.Url(0)}: answers; no node is there", one.Output, StringComparison.Ordinal);
        Assert.Contains($"warning: etcd at {dead}: Connection refused", one.Output, StringComparison.Ordinal);
    }

    private static Task<Nodes.CommandResult> CheckAsync(LoopbackNode node) => node.Home.RunAsync("check", "--config", node.Home.WriteConfiguration());
}
