using Instancer.Actors;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>What must hold after every step, across all nodes.</summary>
internal sealed class ClusterInvariants
{
    private readonly SimulatedCluster _cluster;
    private readonly SimulationState _state;
    private readonly Dictionary<InstanceKey, FakeSession> _reachable = [];
    public ClusterRest Rest { get; }

    public ClusterInvariants(SimulatedCluster cluster)
    {
        _cluster = cluster;
        _state = cluster.State;
        Rest = new ClusterRest(cluster);
        _state.IsOutOfReach = Condemn;
    }

    public void CheckStep()
    {
        CheckReachable();
        foreach (var node in _cluster.Nodes)
        {
            if (node.IsAwake && !node.Node.Completion.IsCompleted)
            {
                Rest.CheckOwned(node);
                Rest.CheckWaiting(node);
            }
        }
    }

    /// <summary>
    /// Of the backends that a key has in all of the cluster at most one can be reached: bytes pass to a backend if it lives, a session to it is open, and the node may still serve. A
    /// node that is paused is no exception: it might go on this very moment. And as long as a node may serve a key, the store has it as that node's.
    /// </summary>
    private void CheckReachable()
    {
        _reachable.Clear();
        foreach (var node in _cluster.Nodes)
        {
            foreach (var session in node.Relay.Sessions)
            {
                if (!session.Backend.IsAlive || !Passes(session))
                {
                    continue;
                }

                var key = session.Backend.Served!.Value;
                var other = _reachable.GetValueOrDefault(key, session);
                _state.Check(
                    1, other.Backend == session.Backend, () => $"{session.Backend.Id} and {other.Backend.Id} are both reachable under {key.ToShortString()}");
                _reachable[key] = session;
                var owner = _cluster.OwnerOf(key);
                _state.Check(
                    1,
                    owner?.Value == node.Host.Name,
                    () => $"{node.Host.Name} serves client {session.Client.RemoteAddress} at {session.Backend.Id} for {key.ToShortString()}, which is {owner?.Value ?? "nobody"}'s in the store");
            }
        }
    }

    private bool Passes(FakeSession session) => session.Tenure.Holds || _cluster.Bugs.HasFlag(ClusterBugs.BlindRelay);

    /// <summary>
    /// What is promised of a backend that was there when a reset came: when the reset is served it is gone, or its node has lost the place that it was served from, so that no byte
    /// reaches it any more, now or ever. It is removed as soon as its node can.
    /// </summary>
    private bool Condemn(FakeBackend backend)
    {
        backend.IsCondemned = true;
        return !_cluster.Nodes.Any(node => node.Relay.Sessions.Any(session => session.Backend == backend && backend.IsAlive && Passes(session)));
    }
}
