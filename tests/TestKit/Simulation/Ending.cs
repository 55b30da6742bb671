using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;

namespace Instancer.TestKit.Simulation;

/// <summary>How a run ends: all clients go and all time runs out, or the node is asked to stop in the midst of it.</summary>
internal sealed class Ending(
    SimulatedNode node, FakeEngine engine, NodeOptions options, SimulationState state, Invariants invariants)
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);

    /// <summary>When all clients have gone and all time has run out, nothing may be left but spares.</summary>
    public void Rest(IReadOnlyList<FakeClient> clients)
    {
        state.Say("all clients go");
        foreach (var client in clients)
        {
            client.Vanish();
        }

        RunUntil(() => IsAtRest(clients), TimeSpan.FromMinutes(40), clients);
        invariants.CheckRest(node, clients);
    }

    /// <summary>A stop in order ends every connection in its time, and leaves only what the next start can adopt.</summary>
    public void Drain(IReadOnlyList<FakeClient> clients)
    {
        state.Say("the node drains");
        var drained = node.Node.Gateways.Select(gateway =>
        {
            var reply = new ReplyTo<Drained>(gateway.Path);
            gateway.Tell(new GatewayMessage.Drain(reply, options.Gateway.DrainTimeout));
            return reply.Answer;
        }).ToList();
        RunUntil(() => drained.TrueForAll(answer => answer.IsCompleted), options.Gateway.DrainTimeout + (Tick * 3), clients);
        state.Check(4, drained.TrueForAll(answer => answer.IsCompletedSuccessfully), () => "a gateway does not drain in its time");
        var open = clients.FirstOrDefault(client => !client.IsClosed);
        state.Check(4, open is null, () => $"client {open!.RemoteAddress} is still open after the drain");

        var shutDown = new ReplyTo<ShutDown>(node.Node.Registry.Path);
        node.Node.Registry.Tell(new RegistryMessage.Shutdown(shutDown));
        RunUntil(() => shutDown.Answer.IsCompleted, TimeSpan.FromMinutes(10), clients);
        state.Check(2, shutDown.Answer.IsCompletedSuccessfully, () => "the registry does not come to an end");
        foreach (var entry in node.Registry!.Instances.Entries)
        {
            state.Check(2, entry.Info.State is InstanceState.Ready or InstanceState.Idle, () => $"{entry.Info} is left by the stop");
        }
    }

    private void RunUntil(Func<bool> isDone, TimeSpan limit, IReadOnlyList<FakeClient> clients)
    {
        for (var left = limit; left > TimeSpan.Zero && state.Failure is null; left -= Tick)
        {
            while (node.Dispatcher.HasWork || node.Calls.Any)
            {
                node.Dispatcher.RunAll();
                if (node.Calls.Any)
                {
                    node.Calls.HappenOne();
                }
            }

            invariants.CheckStep(node, clients);
            if (isDone())
            {
                return;
            }

            state.Time.Advance(Tick);
        }
    }

    private bool IsAtRest(IReadOnlyList<FakeClient> clients)
        => clients.All(client => client.IsClosed)
            && node.Registry is { IsBusyStarting: false } registry
            && registry.Instances.Entries.All(entry => entry.Info.State == InstanceState.Warm)
            && engine.Backends.Count == registry.Instances.Count
            && engine.Backends.All(backend => Invariants.IsSpareOf(registry, backend))
            && registry.Rooms.Ports.Free + registry.Rooms.Ports.Leases.Count == options.Ports.Count;
}
