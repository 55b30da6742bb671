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
    private readonly InstanceDirectory _directory;
    private readonly NodeCluster? _cluster;
    private readonly TimeSpan _drainTimeout;

    private InstancerNode(
        ActorSystem system,
        NodeStatus status,
        ActorRef<RegistryMessage> registry,
        IReadOnlyList<ActorRef<GatewayMessage>> gateways,
        NodeCluster? cluster,
        TimeSpan drainTimeout)
    {
        (_cluster, _drainTimeout) = (cluster, drainTimeout);
        _system = system;
        _status = status;
        _registry = registry;
        _gateways = gateways;
        _directory = new InstanceDirectory(registry);
    }

    /// <summary>The node's instances, for operators.</summary>
    public IInstanceDirectory Instances => _directory;

    /// <summary>Ends when the node has stopped; faulted if an actor's failure was escalated to the root.</summary>
    public Task Completion => _system.Completion;

    /// <summary>Whether the node has looked for what was there before and accepts clients.</summary>
    public bool IsReady => _status.IsReady;

    /// <summary>How many instances of a challenge a node of several has, those that start among them, as it was a moment ago; 0 for a node that is alone.</summary>
    public int InstancesOf(string challenge) => _status.InstancesOf(challenge);

    internal ActorSystem System => _system;

    internal ActorRef<RegistryMessage> Registry => _registry;

    internal IReadOnlyList<ActorRef<GatewayMessage>> Gateways => _gateways;

    /// <summary>Takes what other nodes pass on; null for a node that is alone.</summary>
    internal ActorRef<GatewayMessage>? ForwardGateway => _cluster?.Gateway;

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
        var registryScope = new RegistryScope(options, runtimes, ports.Ownership, status, metrics, ports.Time, chance.NewToken, logger)
        {
            IsClustered = ports.Cluster is not null,
            Limits = ports.Limits,
        };
        var life = new RegistryLife();
        var registry = system.Spawn(() => new TokenRegistryActor(registryScope, life), "registry");
        system.Spawn(() => new ReaperActor(options.Reaper, ports.Memory, registry, chance.Choose, logger), "reaper");
        var scopes = options.Challenges.ToDictionary(challenge => challenge.Name, challenge => new ConnectionScope(
            challenge, options, ports.Authenticator, ports.Relay, chance.NewToken, registry, metrics, logger) { Cluster = ports.Cluster, Limits = ports.Limits });
        var gateways = scopes.Values.Select(scope =>
        {
            var name = scope.Challenge.Name;
            var gateway = new GatewayScope(name, options.Gateway, socket => new ClientConnectionActor(scope, socket), logger);
            return StartGateway(system, gateway, ports.Listeners[name]);
        });
        IReadOnlyList<ActorRef<GatewayMessage>> all = [.. gateways];
        if (ports.Cluster is not { } cluster)
        {
            return new InstancerNode(system, status, registry, all, cluster: null, options.Gateway.DrainTimeout);
        }

        var forwards = new ForwardScope(scopes, metrics, logger);

        // The others may pass on what all challenges serve, and have as much again for what is still to say what it is.
        var limits = options.Gateway with { MaxConnections = (int)Math.Min(int.MaxValue, (long)options.Gateway.MaxConnections * (options.Challenges.Count + 1)) };
        var door = new GatewayScope(
            ForwardScope.Door, limits, socket => new ForwardedConnectionActor(forwards, (IForwardedSocket)socket), logger) { StaysOpen = true };
        return new InstancerNode(
            system, status, registry, all, new NodeCluster(cluster, StartGateway(system, door, cluster.Listener)), options.Gateway.DrainTimeout);
    }

    /// <summary>
    /// Stops an instance for a reset that another node carries out, and ends when its backend is gone; at once if there is none.
    /// Fails with <see cref="AskFailedException"/> if the node is going down.
    /// </summary>
    public Task ResetAsync(InstanceKey key, CancellationToken cancellationToken) => _directory.StopAsync(key, StopCause.Reset, cancellationToken);

    /// <summary>
    /// Has every instance look whether this node still owns its key, and end if not: to be called when the node has lost its place. Nothing depends on how soon: a session
    /// passes nothing on from the moment that its tenure does not hold.
    /// </summary>
    public void CheckTenure() => _registry.Tell(new RegistryMessage.CheckTenure());

    /// <summary>
    /// Stops in order: no more clients, sessions may go on for <see cref="GatewayOptions.DrainTimeout"/> and are then reset, starts are
    /// given up, backends of runtimes that survive a restart stay. One of several nodes gives its keys up on the way, each as soon as nobody is served under it, and serves
    /// until its end what the others pass on to it for those that it has. <paramref name="hurry"/> cuts the sessions' time short.
    /// </summary>
    public async Task DrainAsync(CancellationToken hurry)
    {
        _status.NoteDraining();
        using var registration = hurry.Register(() =>
        {
            foreach (var gateway in _cluster is null ? _gateways : [.. _gateways, _cluster.Gateway])
            {
                gateway.Tell(new GatewayMessage.DrainDeadline());
            }
        });
        var since = _system.Time.GetTimestamp();
        if (_cluster is not null)
        {
            _registry.Tell(new RegistryMessage.HandBack());
        }

        await Task.WhenAll(_gateways.Select(gateway => DrainAsync(gateway, _drainTimeout))).ConfigureAwait(false);
        if (_cluster is not null)
        {
            var left = hurry.IsCancellationRequested ? TimeSpan.Zero : _drainTimeout - _system.Time.GetElapsedTime(since);
            await DrainAsync(_cluster.Gateway, left > TimeSpan.Zero ? left : TimeSpan.Zero).ConfigureAwait(false);
        }

        await ShutDownRegistryAsync().ConfigureAwait(false);
        if (_cluster is not null)
        {
            await _cluster.Ports.LeaveAsync().ConfigureAwait(false);
        }

        _system.Stop();
        await Completion.ConfigureAwait(false);
    }

    private static ActorRef<GatewayMessage> StartGateway(ActorSystem system, GatewayScope scope, IListener listener)
    {
        var gate = new AcceptGate(listener);
        ConnectionsLog.Listening(scope.Logger, scope.Name, listener.LocalAddress);
        return system.Spawn(() => new GatewayActor(scope, gate), $"gateway-{scope.Name}");
    }

    private static async Task DrainAsync(ActorRef<GatewayMessage> gateway, TimeSpan timeout)
    {
        try
        {
            await gateway.AskAsync<GatewayMessage, Drained>(reply => new GatewayMessage.Drain(reply, timeout)).ConfigureAwait(false);
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

    /// <summary>What a node of several has besides.</summary>
    private sealed record NodeCluster(ClusterPorts Ports, ActorRef<GatewayMessage> Gateway);
}
