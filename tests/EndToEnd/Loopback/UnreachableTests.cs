using System.Diagnostics;
using Instancer.TestKit.Cluster;
using Instancer.TestKit.Processes;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Loopback;

/// <summary>A node that says it is reached where nobody is.</summary>
public sealed class UnreachableTests(LoopbackStore store, ITestOutputHelper output) : LoopbackTest(store, output)
{
    [EtcdFact]
    public async Task A_node_that_nobody_can_reach_serves_its_own_clients_and_those_of_others_are_closed_in_time()
    {
        var (good, lost) = (NewNode(), NewNode());
        var nowhere = $"127.0.0.1:{PortBlock.Take(1).First}";
        (lost.Cluster["advertise"], lost.Cluster["listen"]) = (nowhere, $"127.0.0.1:{lost.Port}");
        await JoinAsync(good, lost);
        var (own, ofLost) = await lost.OpenAsync(Common.Token);

        var watch = Stopwatch.StartNew();
        using var waits = await good.Node.ConnectAsync(Common.Token);
        await ClosedAsync(waits);
        Assert.InRange(watch.Elapsed.TotalSeconds, 9, 20);
        Assert.Contains("Connection refused", Assert.Single(good.Lines($"{lost.Name} at {nowhere} does not answer: ")), StringComparison.Ordinal);

        // The way out of it is open, and whom it serves was not disturbed.
        var (client, pid) = await good.OpenAsync(Common.Token, identifier: 2);
        var (through, same) = await lost.OpenAsync(Common.Token, identifier: 2);
        Assert.Equal(pid, same);
        var (again, stillOfLost) = await lost.OpenAsync(Common.Token);
        Assert.Equal(ofLost, stillOfLost);
        foreach (var session in new[] { own, client, through, again })
        {
            session.EndSending();
            await session.ExpectEndAsync();
        }
    }
}
