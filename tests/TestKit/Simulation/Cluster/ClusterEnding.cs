using Instancer.TestKit.Cluster;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>How a run ends: nothing fails any more, all clients go, all time runs out; then nothing may be left but spares, and every node has its place.</summary>
internal sealed class ClusterEnding(SimulatedCluster cluster, ClusterInvariants invariants, Action<TimeSpan> advance)
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public void Run()
    {
        cluster.State.Say("everything is mended, and all clients go");
        CalmDown();
        for (var left = Limit; left > TimeSpan.Zero && cluster.State.Failure is null && !invariants.Rest.IsAtRest; left -= Tick)
        {
            advance(Tick);
            RestartWhoStopped();
            invariants.CheckStep();
        }

        var complaint = invariants.Rest.Complaint();
        cluster.State.Check(complaint?.Invariant ?? 0, complaint is null, () => complaint!.What);
        if (complaint is null)
        {
            cluster.State.Check(2, invariants.Rest.IsAtRest, () => "some instance does not come to rest");
            invariants.Rest.CheckRooms();
        }
    }

    private void CalmDown()
    {
        cluster.State.DisarmThrow();
        cluster.SetEtcd(isOut: false, LinkState.Up);
        cluster.Network.MendAll();
        foreach (var host in cluster.Hosts)
        {
            cluster.SetLink(host, LinkState.Up);
            host.Engine.IsAvailable = true;
            if (host.Running is { } node)
            {
                node.Link.Delay = TimeSpan.Zero;
                node.Link.LoseAnswers = 0;
                node.Memory.Available = 1000;
                node.Continue();
            }

            foreach (var client in host.Running?.Clients ?? [])
            {
                client.Vanish();
            }
        }

        RestartWhoStopped();
    }

    private void RestartWhoStopped()
    {
        foreach (var host in cluster.Hosts)
        {
            host.Running?.Proceed();
            if (host.Running is { } node && (node.Node.Completion.IsCompleted || node.Part.Completion.IsCompleted || node.Drain is { IsDone: true }))
            {
                cluster.End(host);
            }

            if (host.Running is null)
            {
                cluster.Start(host);
            }
        }
    }
}
