using System.Diagnostics.Metrics;
using Instancer.Actors;
using Instancer.Cluster;
using Instancer.TestKit.Cluster;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>What there is beside the nodes, and the nodes: one store, one network, and the hosts.</summary>
internal sealed class SimulatedCluster
{
    private readonly ILoggerFactory? _loggers;
    private int _lives;

    public SimulatedCluster(SimulationState state, ClusterBugs bugs, ILoggerFactory? loggers, IMeterFactory meters)
    {
        _loggers = loggers;
        State = state;
        Meters = meters;
        Bugs = bugs;
        var random = state.Random;
        Options = ClusterSimulationOptions.Make(state);
        MembershipOptions = ClusterSimulationOptions.Membership(random, bugs);
        Network = new FakeNetwork(state);
        Etcd = new FakeEtcd(state.Time, Network.ToStore.Add);
        // Many now and then, as what happens among many costs the square of it.
        var count = random.Chance(0.99) ? random.Next(3, 6) : random.Chance(0.9) ? random.Next(6, 16) : random.Next(16, 51);
        Hosts = [.. Enumerable.Range(1, count).Select(number => new SimulatedHost(number, new HostClock(state.Time, Rate(random))))];
    }

    public SimulationState State { get; }

    public ClusterBugs Bugs { get; }

    public IMeterFactory Meters { get; }

    /// <summary>Every node's, but for its name.</summary>
    public NodeOptions Options { get; }

    /// <summary>Every node's, but for its name and address.</summary>
    public ClusterOptions MembershipOptions { get; }

    public FakeEtcd Etcd { get; }

    public FakeNetwork Network { get; }

    public IReadOnlyList<SimulatedHost> Hosts { get; }

    /// <summary>The processes that exist.</summary>
    public IEnumerable<ClusterNode> Nodes => Hosts.Select(host => host.Running).OfType<ClusterNode>();

    /// <summary>Nobody reaches the store.</summary>
    public bool IsEtcdOut { get; private set; }

    public IEnumerable<FakeBackend> Backends => Hosts.SelectMany(host => host.Engine.Backends);

    public bool HasWork => Network.HasWork || Nodes.Any(node => node.HasWork);

    public void Start(SimulatedHost host)
    {
        foreach (var backend in host.Engine.Backends)
        {
            backend.ResetWatch();
            backend.IsStopRequested = false;
        }

        ILoggerFactory loggers = _loggers is null ? NullLoggerFactory.Instance : new HostTrace(_loggers, host.Name);
        host.Node = new ClusterNode(host, this, $"life-{++_lives}", loggers);
    }

    /// <summary>The host's process ends, and the host tells whoever was connected to it.</summary>
    public void End(SimulatedHost host)
    {
        // What was on its way may still take effect; nobody hears the answer.
        while (Network.ToStore.Any && State.Random.Chance(0.5))
        {
            Network.ToStore.HappenOne();
        }

        while (host.Node!.Calls.Any && State.Random.Chance(0.5))
        {
            host.Node.Calls.HappenOne();
        }

        host.Node.End();
        Network.NoteEnd(host.Node);
    }

    public void SetLink(SimulatedHost host, LinkState link)
    {
        host.Link = link;
        if (!IsEtcdOut)
        {
            host.Running?.Link.Set(link);
        }
    }

    public void SetEtcd(bool isOut, LinkState how)
    {
        IsEtcdOut = isOut;
        foreach (var host in Hosts)
        {
            host.Running?.Link.Set(isOut ? how : host.Link);
        }
    }

    /// <summary>Who owns a key in the store; null for nobody.</summary>
    public KeyValue? OwnerOf(InstanceKey key) => Etcd.Range(KeyRange.One(ClusterKeys.Instance(key))).Items is [var item] ? item : null;

    /// <summary>Has one of those who have something to do go on.</summary>
    public void HappenOne()
    {
        var busy = Nodes.Where(node => node.HasWork).ToList();
        var choice = State.Random.Next(busy.Count + (Network.HasWork ? 1 : 0));
        if (choice >= busy.Count)
        {
            if (Network.HasWork)
            {
                Network.HappenOne();
            }

            return;
        }

        var node = busy[choice];
        if (node.Dispatcher.HasWork && (!node.Calls.Any || State.Random.Chance(0.7)))
        {
            node.Dispatcher.RunOne();
        }
        else
        {
            node.Calls.HappenOne();
        }
    }

    private static double Rate(Random random) => 1 + ((random.NextDouble() - 0.5) * 2 * ClusterSimulationOptions.MostDrift);
}
