using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Actors.Registry;

namespace Instancer.TestKit.Simulation;

/// <summary>What must hold after every step, beside what the fakes see at each call.</summary>
internal sealed class Invariants(NodeOptions options, FakeEngine engine, SimulationState state)
{
    /// <summary>How long a backend may be nobody's: until the next reconciliation has found it, with an engine that answers most of the time.</summary>
    private static readonly TimeSpan OrphanLimit = TimeSpan.FromMinutes(5);

    /// <summary>How long a session may stand still after its backend has ended: until a reconciliation has missed the backend, and the session then made no progress.</summary>
    private static readonly TimeSpan StaleSessionLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long a client may be kept waiting, from accept to session or close.</summary>
    private readonly Dictionary<string, TimeSpan> _limits = options.Challenges.ToDictionary(
        challenge => challenge.Name,
        challenge => options.Gateway.PreambleTimeout + GateTime(options, state) + options.StartQueue.Timeout + challenge.StartTimeout + DialTimeout);

    private readonly HashSet<int> _leased = [];

    public void CheckStep(SimulatedNode node, IReadOnlyList<FakeClient> clients)
    {
        if (node.Node.Completion.IsCompleted)
        {
            return;
        }

        CheckOrphans(node);
        CheckWaiting(clients);
        CheckLimit(clients);
        CheckSessions(node);
        CheckPorts(node);
        CheckRecords(node);
    }

    /// <summary>When all clients have gone and all time has run out, nothing may be left but spares, and no more of them than there should be.</summary>
    public void CheckRest(SimulatedNode node, IReadOnlyList<FakeClient> clients)
    {
        var open = clients.FirstOrDefault(client => !client.IsClosed);
        state.Check(4, open is null, () => $"client {open!.RemoteAddress} is still open when all is over");
        var registry = node.Registry!;
        var nobodys = engine.Backends.FirstOrDefault(backend => !IsSpareOf(registry, backend));
        state.Check(2, nobodys is null, () => $"{nobodys!.Id} is left when all is over");
        foreach (var challenge in options.Challenges)
        {
            var spares = engine.Backends.Count(backend => backend.Key.Challenge == challenge.Name);
            state.Check(2, spares <= challenge.Warm, () => $"{spares} spares of {challenge.Name} are left when all is over, of {challenge.Warm}");
        }

        var ports = registry.Rooms.Ports;
        state.Check(
            3,
            registry.Rooms.Count == engine.Backends.Count && ports.Leases.Keys.All(registry.Rooms.IsTaken),
            () => $"{registry.Rooms.Count} instances have room when all is over, {ports.Leases.Count} ports are leased, and {engine.Backends.Count} spares are there");
        state.Check(
            3,
            ports.Free + ports.Leases.Count == options.Ports.Count,
            () => $"{ports.Free} ports are free and {ports.Leases.Count} leased when all is over, of {options.Ports.Count}");
        var left = registry.Instances.Entries.FirstOrDefault(entry => entry.Info.State != InstanceState.Warm);
        state.Check(2, left is null, () => $"{left!.Info} is left when all is over");
    }

    public static bool IsSpareOf(TokenRegistryActor registry, FakeBackend backend)
        => backend.IsSpare && registry.Instances.TryGet(backend.Key, out var entry) && entry.Info.BackendId == backend.Id;

    /// <summary>How much longer it may take because something stands in front: what is asked before the preamble, and the authenticator.</summary>
    private static TimeSpan GateTime(NodeOptions options, SimulationState state)
        => state.HasGate ? SimulatedLimits.MostAllowance + options.Gateway.PreambleTimeout : TimeSpan.Zero;

    private void CheckOrphans(SimulatedNode node)
    {
        var now = FakeClient.Now(state);
        foreach (var backend in engine.Backends)
        {
            var isOwned = node.Registry is not { IsBusyStarting: false } registry
                || (registry.Instances.TryGet(backend.Key, out var entry) && (entry.Info.BackendId is not { } id || id == backend.Id))
                || backend.IsStopRequested;
            if (isOwned || !engine.IsAvailable)
            {
                backend.LastOwned = now;
            }

            state.Check(2, now - backend.LastOwned < OrphanLimit, () => $"{backend.Id} has been nobody's since {backend.LastOwned:T}");
        }
    }

    private void CheckWaiting(IReadOnlyList<FakeClient> clients)
    {
        var now = FakeClient.Now(state);
        foreach (var client in clients)
        {
            if (client.IsClosed || client.Session is not null)
            {
                continue;
            }

            var limit = _limits[client.Challenge];
            state.Check(
                4, client.AcceptedAt is not { } since || now - since <= limit, () => $"client {client.RemoteAddress} has waited for {limit}");
        }
    }

    private void CheckLimit(IReadOnlyList<FakeClient> clients)
    {
        foreach (var challenge in options.Challenges)
        {
            var open = clients.Count(client => client.AcceptedAt is not null && !client.IsClosed && client.Challenge == challenge.Name);
            state.Check(10, open <= options.Gateway.MaxConnections, () => $"{challenge.Name} has {open} of {options.Gateway.MaxConnections} connections");
        }
    }

    private void CheckSessions(SimulatedNode node)
    {
        var now = FakeClient.Now(state);
        foreach (var session in node.Relay.Sessions)
        {
            if (!session.Backend.IsAlive)
            {
                var since = session.Backend.DeadSince ??= now;
                state.Check(
                    4, now - since < StaleSessionLimit, () => $"client {session.Client.RemoteAddress} hangs on {session.Backend.Id}, which is dead");
            }
        }
    }

    /// <summary>What has a client and is done with its start can be adopted by the next process: the engine has it under its key.</summary>
    private void CheckRecords(SimulatedNode node)
    {
        foreach (var entry in node.Registry?.Instances.Entries ?? [])
        {
            var backend = entry.Info.State is InstanceState.Ready or InstanceState.Idle
                ? engine.Backends.FirstOrDefault(backend => backend.Id == entry.Info.BackendId)
                : null;
            state.Check(
                2, backend is null || (backend.Key == entry.Info.Key && !backend.IsSpare), () => $"{backend!.Id} is {entry.Info.Key.ToShortString()}'s, and the engine does not know");
        }
    }

    private void CheckPorts(SimulatedNode node)
    {
        if (node.Registry is { IsBusyStarting: false } registry)
        {
            var ports = registry.Rooms.Ports;
            _leased.Clear();
            foreach (var port in ports.Leases.Values)
            {
                state.Check(3, _leased.Add(port), () => $"port {port} is leased twice");
            }

            state.Check(3, ports.Free + ports.Leases.Count <= options.Ports.Count, () => "there are more ports than there are");
        }
    }
}
