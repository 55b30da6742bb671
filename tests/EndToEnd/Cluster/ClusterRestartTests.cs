using Xunit.Abstractions;

namespace Instancer.EndToEnd.Cluster;

/// <summary>Nodes are stopped in order and started again, one after the other, beneath clients who never stop coming.</summary>
public sealed class ClusterRestartTests(HostLab lab, ITestOutputHelper output) : ClusterTest(lab, output)
{
    [HostsFact]
    public async Task Only_sessions_on_the_node_that_stops_are_lost()
    {
        var keys = NewKeys(8);
        List<Absence> absences = [];

        // As a load balancer does it: no new clients for a node that is about to stop.
        IReadOnlyList<LabNode> open = Nodes;
        await StartAsync();
        await using var crowd = new Crowd(keys, History, () => Volatile.Read(ref open));
        await AnsweredAsync(keys, History.Now, _ => true, "all are served");
        foreach (var node in Nodes)
        {
            var began = History.Now;
            Volatile.Write(ref open, [.. Nodes.Where(other => other != node)]);
            await node.Node.StopAsync();
            var stopped = History.Now;
            Measured($"{node.Name} stopped within {(stopped - began).TotalSeconds:0.0} s");
            await AnsweredAsync(keys, stopped, answer => !IsOn(answer, node), "all are served by the others");
            await node.StartAsync();
            await node.ReadyAsync();
            absences.Add(new Absence(node, began, History.Now));
            Volatile.Write(ref open, Nodes);
            await AnsweredAsync(keys, History.Now, _ => true, $"all are served with {node.Name} back");
        }

        await crowd.StopAsync();
        Measured($"{History.Failures.Count} sessions were lost with their nodes");
        Assert.DoesNotContain(History.Failures, failure => !absences.Exists(absence => absence.Excuses(failure)));
        await OneForEachAsync(keys);
    }

    private sealed record Absence(LabNode Node, TimeSpan From, TimeSpan To)
    {
        /// <summary>Whether the session was in flight on the node: it had come through it, or its backend was there.</summary>
        public bool Excuses(Failure failure) =>
            failure.Began <= To && failure.Ended >= From
            && (failure.Through == Node.Name || failure.Backend?.StartsWith(Node.Name + "/", StringComparison.Ordinal) == true);
    }
}
