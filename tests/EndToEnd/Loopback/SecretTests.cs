using System.Diagnostics;
using Instancer.TestKit.Cluster;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Loopback;

/// <summary>A node that has another secret than the others.</summary>
public sealed class SecretTests(LoopbackStore store, ITestOutputHelper output) : LoopbackTest(store, output)
{
    [EtcdFact]
    public async Task A_node_with_the_wrong_secret_passes_nobody_on_and_both_sides_say_why()
    {
        var (right, wrong) = (NewNode(), NewNode());
        wrong.Cluster["secretFile"] = Private(wrong.Home, "another-secret", NewSecret());
        await JoinAsync(right, wrong);
        var (session, _) = await right.OpenAsync(Common.Token);

        var watch = Stopwatch.StartNew();
        using var turnedAway = await wrong.Node.ConnectAsync(Common.Token);
        await ClosedAsync(turnedAway);
        // As long as a node that died would be waited for: the lease and five seconds.
        Assert.InRange(watch.Elapsed.TotalSeconds, 9, 20);

        Assert.Contains(
            "its request is not signed for this connection under this cluster's secret",
            Assert.Single(right.Lines(" was turned away from the nodes' port: ")), StringComparison.Ordinal);
        Assert.Contains(
            $"{right.Name} at 127.0.0.1:{right.Port} does not answer: it closed the connection without an answer; if it turned this node away, its log says why",
            Assert.Single(wrong.Lines(" does not answer: ")), StringComparison.Ordinal);
        Assert.Empty(wrong.Lines(" is ready at "));
        Assert.Single(right.Lines(" is ready at "));

        // Nothing is kept for who was turned away, and each serves its own.
        Assert.Equal("0", await wrong.Node.MetricAsync("instancer_sessions_open{challenge=\"pwn\"}") ?? "0");
        Assert.Equal("1", await right.Node.MetricAsync("instancer_sessions_open{challenge=\"pwn\"}"));
        var (own, _) = await wrong.OpenAsync(Common.Token, identifier: 2);
        foreach (var client in new[] { session, own })
        {
            client.EndSending();
            await client.ExpectEndAsync();
        }

        await right.Node.InstancesAreAsync(instances => instances.Count == 1, "the first has its instance");
    }
}
