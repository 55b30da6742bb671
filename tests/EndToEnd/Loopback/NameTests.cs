using System.Diagnostics;
using Instancer.TestKit.Cluster;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Loopback;

/// <summary>Two nodes with one name.</summary>
public sealed class NameTests(LoopbackStore store, ITestOutputHelper output) : LoopbackTest(store, output)
{
    private readonly ITestOutputHelper _output = output;

    [EtcdFact]
    public async Task The_second_one_of_a_name_says_so_and_ends_and_the_first_is_unharmed()
    {
        var first = (await StartAsync(1))[0];
        var (client, pid) = await first.OpenAsync(Common.Token);
        using var session = client;
        var second = NewNode();
        second.Home.Options["node"] = first.Name;
        var watch = Stopwatch.StartNew();
        var process = second.Home.StartNode();
        await process.LineAsync("admin endpoint listens on ");

        Assert.Equal(2, await process.ExitAsync(TimeSpan.FromSeconds(20)));
        _output.WriteLine($"it ended after {watch.Elapsed.TotalSeconds:0.0} s");
        var line = Assert.Single(process.Error, line => line.StartsWith("instancer: ", StringComparison.Ordinal));
        Assert.Equal($"instancer: another node is called {first.Name}: the one at 127.0.0.1:{first.Port}", line);

        Assert.True(await first.IsReadyAsync());
        Assert.Null(await first.Node.MetricAsync("instancer_cluster_fenced_total"));
        var (again, samePid) = await first.OpenAsync(Common.Token);
        again.Dispose();
        Assert.Equal(pid, samePid);
        session.EndSending();
        await session.ExpectEndAsync();
    }

    [EtcdFact]
    public async Task A_node_that_was_killed_has_its_name_again_once_its_earlier_life_is_over()
    {
        var node = (await StartAsync(1))[0];
        var (client, _) = await node.OpenAsync(Common.Token);
        await node.Node.Process.KillAsync();
        await ClosedAsync(client);

        // On the same directories, and with the name that the store still has.
        await node.StartAsync();
        Assert.False(await node.IsReadyAsync());
        var (next, _) = await node.OpenAsync(Common.Token);
        next.Dispose();
        Assert.True(await node.IsReadyAsync());
        Assert.Contains("is taken, by another node or by an earlier life of this one", Assert.Single(node.Lines(" tries again to reach the cluster: ")), StringComparison.Ordinal);
    }
}
