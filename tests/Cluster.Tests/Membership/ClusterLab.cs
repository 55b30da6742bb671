using System.Net;
using Instancer.Actors.Runtime;
using Instancer.Cluster.Membership;
using Instancer.Cluster.Ownership;
using Instancer.TestKit;
using Instancer.TestKit.Cluster;

namespace Instancer.Cluster.Tests.Membership;

/// <summary>Nodes on the model of etcd, in one thread and on virtual time.</summary>
internal sealed class ClusterLab
{
    private readonly Queue<Action> _steps = [];

    public ClusterLab() => Etcd = new FakeEtcd(Actors.Time, _steps.Enqueue);

    public ActorLab Actors { get; } = new();

    public FakeEtcd Etcd { get; }

    public LabNode Start(string name, int port = 1, int answersLost = 0)
    {
        // Completions run on this thread, inline: the test runner's context would move them elsewhere.
        SynchronizationContext.SetSynchronizationContext(null);
        var node = new LabNode(this, name, port) { Link = { LoseAnswers = answersLost } };
        Run();
        return node;
    }

    /// <summary>Everything that can happen without time passing.</summary>
    public void Run()
    {
        Actors.Run();
        while (_steps.TryDequeue(out var step))
        {
            step();
            Actors.Run();
        }
    }

    /// <summary>Lets time pass, in steps short enough for all that is due on the way.</summary>
    public void Advance(double seconds)
    {
        for (var left = TimeSpan.FromSeconds(seconds); left > TimeSpan.Zero; left -= TimeSpan.FromMilliseconds(50))
        {
            Actors.Advance(TimeSpan.FromMilliseconds(50));
            Run();
        }
    }

    /// <summary>The outcome of something that needs nothing but steps and, perhaps, <paramref name="seconds"/>.</summary>
    public T Done<T>(ValueTask<T> work, double seconds = 0)
    {
        Run();
        Advance(seconds);
        Assert.True(work.IsCompleted, "it is not done");
        return work.Result;
    }
}

/// <summary>One node's membership and ownership.</summary>
internal sealed class LabNode : IPlaceWatcher
{
    public LabNode(ClusterLab lab, string name, int port)
    {
        Link = lab.Etcd.Connect();
        Fence = new Fence(lab.Actors.Time);
        var options = Options = new ClusterOptions { Node = name, Advertise = new IPEndPoint(IPAddress.Loopback, port) };
        Membership = lab.Actors.System.Spawn(() => new MembershipActor(options, Link, Fence, this, lab.Actors.Log), "membership");
        lab.Actors.System.Spawn(() => new MembersActor(Link, Members), "members");
        Ownership = new StoreOwnership(name, Link, Fence, Members, lab.Actors.Time);
    }

    public ClusterOptions Options { get; }

    public FakeEtcdLink Link { get; }

    public Fence Fence { get; }

    public ActorRef<MembershipMessage> Membership { get; }

    public StoreOwnership Ownership { get; }

    public int Joins { get; private set; }

    public int Losses { get; private set; }

    public MemberTable Members { get; } = new();

    public void Joined(Place place) => Joins++;

    public void Lost(Place place) => Losses++;
}
