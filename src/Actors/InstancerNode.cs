using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;

namespace Instancer.Actors;

/// <summary>One node: the actor system with the gateways, the token registry and the reaper in it.</summary>
public sealed class InstancerNode
{
    /// <summary>How long removals and starts that are under way may take to end when the node stops.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(15);

    private readonly ActorSystem _system;
    private readonly NodeStatus _status;
    private readonly ActorRef<RegistryMessage> _registry;
    private readonly IReadOnlyList<ActorRef<GatewayMessage>> _gateways;

    private InstancerNode(
        ActorSystem system, NodeStatus status, ActorRef<RegistryMessage> registry, IReadOnlyList<ActorRef<GatewayMessage>> gateways)
    {
        _system = system;
        _status = status;
        _registry = registry;
        _gateways = gateways;
        Instances = new InstanceDirectory(registry);
    }

    /// <summary>The node's instances, for operators.</summary>
    public IInstanceDirectory Instances { get; }

    /// <summary>Ends when the node has stopped; faulted if an actor's failure was escalated to the root.</summary>
    public Task Completion => _system.Completion;

    /// <summary>Whether the node has looked for what was there before and accepts clients.</summary>
    public bool IsReady => _status.IsReady;

    internal ActorSystem System => _system;

    internal ActorRef<RegistryMessage> Registry => _registry;

    internal IReadOnlyList<ActorRef<GatewayMessage>> Gateways => _gateways;

    /// <summary>How many messages found their actor gone.</summary>
    public long DeadLetters => _system.DeadLetters.Count;

    /// <summary>Starts the actors on the thread pool. The node owns the listeners from here on.</summary>
    public static InstancerNode Start(NodeOptions options, NodePorts ports)
        => Start(options, ports, new NodeChance());

    internal static InstancerNode Start(NodeOptions options, NodePorts ports, NodeChance chance)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(ports);
        var logger = ports.Loggers.CreateLogger("Instancer");
        var system = new ActorSystem(options.Node, chance.Dispatcher, ports.Time, logger);
        var status = new NodeStatus();
        var metrics = new NodeMetrics(ports.Meters);
        var runtimes = ports.Runtimes.ToDictionary(runtime => runtime.Name);
        var registryScope = new RegistryScope(options, runtimes, ports.Ownership, status, metrics, ports.Time, chance.NewToken, logger);
        var life = new RegistryLife();
        var registry = system.Spawn(() => new TokenRegistryActor(registryScope, life), "registry");
        system.Spawn(() => new ReaperActor(options.Reaper, ports.Memory, registry, chance.Choose, logger), "reaper");
        var gateways = options.Challenges.Select(challenge =>
        {
            var scope = new ConnectionScope(
                challenge, options, ports.Authenticator, ports.Relay, chance.NewToken, registry, metrics, logger);
            var gate = new AcceptGate(ports.Listeners[challenge.Name]);
            ConnectionsLog.Listening(logger, challenge.Name, gate.Listener.LocalAddress);
            return system.Spawn(() => new GatewayActor(scope, gate), $"gateway-{challenge.Name}");
        });
        return new InstancerNode(system, status, registry, [.. gateways]);
    }

    /// <summary>
    /// Stops in order: no more clients, sessions may go on for <see cref="GatewayOptions.DrainTimeout"/> and are then reset, starts are
    /// given up, backends of runtimes that survive a restart stay. <paramref name="hurry"/> cuts the sessions' time short.
    /// </summary>
    public async Task DrainAsync(CancellationToken hurry)
    {
        _status.NoteDraining();
        using var registration = hurry.Register(() =>
        {
            foreach (var gateway in _gateways)
            {
                gateway.Tell(new GatewayMessage.DrainDeadline());
            }
        });
        await Task.WhenAll(_gateways.Select(DrainAsync)).ConfigureAwait(false);
        await ShutDownRegistryAsync().ConfigureAwait(false);
        _system.Stop();
        await Completion.ConfigureAwait(false);
    }

    private static async Task DrainAsync(ActorRef<GatewayMessage> gateway)
    {
        try
        {
            await gateway.AskAsync<GatewayMessage, Drained>(reply => new GatewayMessage.Drain(reply)).ConfigureAwait(false);
        }
        catch (AskFailedException)
        {
            // The gateway failed while it drained: its failure is logged, and the system's stop ends what it left.
        }
    }

    private async Task ShutDownRegistryAsync()
    {
        using var timeout = new CancellationTokenSource(ShutdownTimeout, _system.Time);
        try
        {
            await _registry.AskAsync<RegistryMessage, ShutDown>(reply => new RegistryMessage.Shutdown(reply), timeout.Token)
                .ConfigureAwait(false);
        }
        catch (Exception cause) when (cause is AskFailedException or OperationCanceledException)
        {
            RegistryLog.ShutdownIncomplete(_system.Logger, cause.Message);
        }
    }
}
