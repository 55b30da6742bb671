using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Cluster;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>What must hold of each node while it runs, and of all of them when everything has come to rest.</summary>
internal sealed class ClusterRest(SimulatedCluster cluster)
{
    /// <summary>How long a backend may be nobody's: until the next reconciliation has found it, with an engine that answers most of the time.</summary>
    private static readonly TimeSpan OrphanLimit = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(10);

    private readonly SimulationState _state = cluster.State;

    /// <summary>Every backend of a host is its node's, or is being removed.</summary>
    public void CheckOwned(ClusterNode node)
    {
        var now = node.Clock.AwakeTime;
        foreach (var backend in node.Host.Engine.Backends)
        {
            var isOwned = node.Registry is not { IsBusyStarting: false } registry
                || (registry.Instances.TryGet(backend.Key, out var entry) && (entry.Info.BackendId is not { } id || id == backend.Id))
                || backend.IsStopRequested;
            if (isOwned || !node.Host.Engine.IsAvailable || backend.LastOwnedBy != node)
            {
                backend.LastOwnedBy = node;
                backend.LastOwned = now;
            }

            _state.Check(2, now - backend.LastOwned < OrphanLimit, () => $"{backend.Id} has been nobody's for {OrphanLimit}");
        }
    }

    /// <summary>Nobody waits for longer than is said, not counting the time in which the node that it is connected to stood still.</summary>
    public void CheckWaiting(ClusterNode node)
    {
        var now = node.Clock.AwakeTime;
        foreach (var client in node.Clients)
        {
            if (!client.IsClosed && client.Session is null && client.AcceptedAt is { } since)
            {
                var limit = Limit(node.Options, client.Challenge);
                _state.Check(4, now - since <= limit, () => $"client {client.RemoteAddress} has waited for {limit} at {node.Host.Name}");
            }
        }
    }

    public bool IsAtRest => cluster.Hosts.All(IsHostAtRest) && Complaint() is null;

    /// <summary>What is not as it should be when all is over; null if everything is.</summary>
    /// <remarks>Notes of what was left may stay: they end after a day.</remarks>
    public SimulationFailure? Complaint()
    {
        var truth = cluster.Etcd.Items.Where(item => item.Key.StartsWith(ClusterKeys.Nodes, StringComparison.Ordinal))
            .ToDictionary(item => item.Key[ClusterKeys.Nodes.Length..], StringComparer.Ordinal);
        var backends = cluster.Backends.Select(backend => backend.Key).ToHashSet();
        foreach (var host in cluster.Hosts)
        {
            var node = host.Node!;
            if (!truth.TryGetValue(host.Name, out var item) || node.Part.Fence.Place?.Lease != item.Lease)
            {
                return new SimulationFailure(2, $"{host.Name} has no place when all is over");
            }

            var known = node.Part.Members.All.ToDictionary(member => member.Name, member => member.ToValue());
            if (truth.Keys.Union(known.Keys).FirstOrDefault(name => truth.GetValueOrDefault(name)?.Value != known.GetValueOrDefault(name)) is { } wrong)
            {
                return new SimulationFailure(2, $"{host.Name} is wrong about {wrong} when all is over");
            }

            if (host.Engine.Backends.FirstOrDefault(backend => node.Registry is not { } registry || !Invariants.IsSpareOf(registry, backend)) is { } left)
            {
                return new SimulationFailure(2, $"{left.Id} is left when all is over");
            }

            if (node.Clients.FirstOrDefault(client => !client.IsClosed) is { } open)
            {
                return new SimulationFailure(4, $"client {open.RemoteAddress} is still open when all is over");
            }
        }

        var stray = cluster.Etcd.Items.FirstOrDefault(item => !item.Key.StartsWith(ClusterKeys.Nodes, StringComparison.Ordinal)
            && !item.Key.StartsWith(ClusterKeys.LeftBackends, StringComparison.Ordinal)
            && !(item.Key.StartsWith(ClusterKeys.Instances, StringComparison.Ordinal) && InstanceKey.TryParse(item.Key[ClusterKeys.Instances.Length..], out var key) && backends.Contains(key)));
        return stray is null ? null : new SimulationFailure(2, $"{stray.Key} of {stray.Value} is left in the store when all is over");
    }

    /// <summary>When all is over the ports are back, and the rooms those of the spares.</summary>
    public void CheckRooms()
    {
        foreach (var node in cluster.Nodes)
        {
            var (engine, rooms) = (node.Host.Engine, node.Registry!.Rooms);
            _state.Check(3, rooms.Count == engine.Backends.Count, () => $"{rooms.Count} instances have room on {node.Host.Name} when all is over, and {engine.Backends.Count} spares are there");
            _state.Check(
                3,
                rooms.Ports.Free + rooms.Ports.Leases.Count == node.Options.Ports.Count && rooms.Ports.Leases.Keys.All(rooms.IsTaken),
                () => $"{rooms.Ports.Free} ports are free and {rooms.Ports.Leases.Count} leased on {node.Host.Name} when all is over, of {node.Options.Ports.Count}");
        }
    }

    private static bool IsHostAtRest(SimulatedHost host)
        => host.Running?.Registry is { IsBusyStarting: false } registry
            && registry.Instances.Entries.All(entry => entry.Info.State == InstanceState.Warm)
            && registry.Instances.Count == host.Engine.Backends.Count
            && registry.Rooms.Ports.Free + registry.Rooms.Ports.Leases.Count == host.Node!.Options.Ports.Count;

    private static TimeSpan Limit(NodeOptions options, string challenge)
        => (options.Gateway.PreambleTimeout + options.StartQueue.Timeout + options.Challenges.First(other => other.Name == challenge).StartTimeout + DialTimeout)
            * (1 + (2 * ClusterSimulationOptions.MostDrift));
}
