using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Actors.Registry;
using Instancer.Cluster;
using Instancer.TestKit.Cluster;
using Microsoft.Extensions.Logging;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>One life of one node of several: the real actors and the real part of the cluster on fakes, from its start until its process ends.</summary>
internal sealed class ClusterNode
{
    private readonly Dictionary<string, FakeClient> _clients = [];
    private readonly ResetServant _resets;

    public ClusterNode(SimulatedHost host, SimulatedCluster cluster, string life, ILoggerFactory loggers)
    {
        Host = host;
        State = cluster.State;
        Clock = new NodeClock(host.Clock);
        Dispatcher = new SeededDispatcher(State.Random);
        Calls = new PendingCalls(State.Random);
        Relay = new FakeRelay(host.Engine, Calls, State);
        Options = cluster.Options with { Node = host.Name };
        Listeners = Options.Challenges.ToDictionary(challenge => challenge.Name, challenge => new FakeListener(challenge.Name, State, () => Clock.AwakeTime));
        ForwardListener = new FakeListener("forward", State, () => Clock.AwakeTime);
        Link = cluster.Etcd.Connect(Clock, Deliver);
        Link.Set(cluster.IsEtcdOut ? LinkState.Silent : host.Link);
        var store = new ClusterStore(Link, cluster.Bugs, State, Clock);
        var options = cluster.MembershipOptions with { Node = host.Name, Advertise = host.Address };
        var services = new ClusterServices { Time = Clock, Loggers = loggers, Meters = cluster.Meters, PlaceLost = OnPlaceLost };
        Part = new ClusterPart(options, store, Dispatcher, services, life);
        Node = InstancerNode.Start(
            Options,
            new NodePorts
            {
                Listeners = Listeners.ToDictionary(listener => listener.Key, listener => (IListener)listener.Value),
                Runtimes = [new FakeRuntime(host.Engine, Calls, State, Clock)],
                Authenticator = new FakeAuthenticator(State, Calls),
                Limits = State.Limits,
                Relay = Relay,
                Memory = Memory,
                Ownership = Part.Ownership,
                Cluster = new ClusterPorts { Listener = ForwardListener, Forwarder = new FakeForwarder(this, cluster), LeaveAsync = Part.LeaveAsync },
                Time = Clock,
                Loggers = loggers,
                Meters = SharedMeters.Instance,
            },
            new NodeChance { Dispatcher = Dispatcher, Choose = new ReaperOracle(State).Choose, NewToken = State.NewToken });
        LoadReport.Start(this);
        _resets = new ResetServant(this, cluster.Bugs);
        Part.ServeResets(_resets.StopAsync);
    }

    public SimulatedHost Host { get; }

    public SimulationState State { get; }

    public NodeOptions Options { get; }

    public NodeClock Clock { get; }

    public SeededDispatcher Dispatcher { get; }

    public PendingCalls Calls { get; }

    public FakeRelay Relay { get; }

    public IReadOnlyDictionary<string, FakeListener> Listeners { get; }

    public FakeListener ForwardListener { get; }

    public FakeMemory Memory { get; } = new();

    public FakeEtcdLink Link { get; }

    public ClusterPart Part { get; }

    public InstancerNode Node { get; }

    /// <summary>Its stop in order, if it has been asked to.</summary>
    public NodeDrain? Drain { get; set; }

    /// <summary>Its process exists.</summary>
    public bool IsRunning { get; private set; } = true;

    /// <summary>Its process exists and is not stopped in its tracks.</summary>
    public bool IsAwake => IsRunning && !Clock.IsPaused;

    public bool HasWork => IsAwake && (Dispatcher.HasWork || Calls.Any);

    /// <summary>The registry's present incarnation; null before its start, and while it is being restarted.</summary>
    public TokenRegistryActor? Registry => Node.Registry.Incarnation as TokenRegistryActor;

    public IReadOnlyCollection<FakeClient> Clients => _clients.Values;

    /// <summary>Has something arrive at the process, once it runs.</summary>
    public void Deliver(Action arrives)
    {
        if (IsRunning)
        {
            Calls.Add(arrives);
        }
    }

    public void Connect(FakeClient client)
    {
        foreach (var gone in _clients.Values.Where(other => other.IsClosed).ToList())
        {
            _clients.Remove(gone.RemoteAddress);
        }

        _clients.Add(client.RemoteAddress, client);
        Listeners[client.Challenge].Connect(client);
    }

    public FakeClient? FindClient(string remoteAddress) => _clients.GetValueOrDefault(remoteAddress);

    /// <summary>What the process does on threads of its own, beside its actors.</summary>
    public void Proceed()
    {
        _resets.Proceed();
        Drain?.Proceed();
    }

    public void Pause() => Clock.Pause();

    public void Continue() => Clock.Continue();

    /// <summary>The process ends, whatever it does.</summary>
    public void End()
    {
        IsRunning = false;
        Clock.End();
        Link.Set(LinkState.Silent);
        foreach (var client in _clients.Values)
        {
            client.Reset();
        }

        Calls.Clear();
        Dispatcher.Clear();
    }

    private void OnPlaceLost(string reason)
    {
        State.Say($"{Host.Name} has lost its place: {reason}");
        Node.CheckTenure();
    }
}
