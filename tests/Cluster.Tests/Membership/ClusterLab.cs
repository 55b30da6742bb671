using System.Net;
using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.Cluster.Membership;
using Instancer.TestKit;
using Instancer.TestKit.Cluster;

namespace Instancer.Cluster.Tests.Membership;

/// <summary>Nodes on the model of etcd, in one thread and on virtual time.</summary>
internal sealed class ClusterLab
{
    private readonly Queue<Action> _steps = [];

    public ClusterLab(int seed = 0)
    {
        Actors = new ActorLab(seed);
        Etcd = new FakeEtcd(Actors.Time, _steps.Enqueue);
    }

    public ActorLab Actors { get; }

    public FakeEtcd Etcd { get; }

    public LabNode Start(string name, int port = 1) => Start(name, new LabSettings(port));

    public LabNode Start(string name, LabSettings settings)
    {
        var node = new LabNode(this, name, settings);
        Run();
        return node;
    }

    /// <summary>Everything that can happen without time passing.</summary>
    public void Run()
    {
        // Completions run on this thread, inline: the test runner's context would move them elsewhere.
        SynchronizationContext.SetSynchronizationContext(null);
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

    /// <summary>Carries out what a client of the store wants, that is none of the nodes.</summary>
    public TransactionAnswer Commit(StoreTransaction transaction)
    {
        var answer = Done(new ValueTask<StoreResult<TransactionAnswer>>(Etcd.Connect().CommitAsync(transaction, CancellationToken.None)));
        Assert.True(answer.Succeeded, $"{answer.Error}");
        return answer.Value;
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

/// <summary>One node's part in the cluster, on a link of its own.</summary>
internal sealed class LabNode
{
    private readonly ClusterLab _lab;

    public LabNode(ClusterLab lab, string name, LabSettings settings)
    {
        _lab = lab;
        Link = lab.Etcd.Connect();
        Link.LoseAnswers = settings.AnswersLost;
        Link.Delay = settings.Delay;
        Link.Refusal = settings.Refusal;
        Link.Set(settings.State);
        Meters = new MeterLog();
        var options = new ClusterOptions { Node = name, Advertise = new IPEndPoint(IPAddress.Loopback, settings.Port) };
        var services = new ClusterServices { Time = lab.Actors.Time, Loggers = Log, Meters = Meters, PlaceLost = Lost.Add + settings.PlaceLost };
        Part = new ClusterPart(options, settings.Wrap?.Invoke(Link) ?? Link, lab.Actors.Dispatcher, services, settings.Life ?? $"life of {name} {settings.Port}");
        if (settings.Load is { } load)
        {
            Part.ReportLoad(new Dictionary<string, ChallengeLoad> { ["pwn"] = load });
        }
    }

    public FakeEtcdLink Link { get; }

    public ClusterPart Part { get; }

    public RecordingLogger Log { get; } = new();

    public MeterLog Meters { get; }

    public Fence Fence => Part.Fence;

    public IKeyOwnership Ownership => Part.Ownership;

    public MemberTable Members => Part.Members;

    public int Joins => Log.Of(600).Count;

    /// <summary>Why it lost its places.</summary>
    public List<string> Lost { get; } = [];

    public int Losses => Lost.Count;

    public KeyOwner Claim(InstanceKey key, double seconds = 0, bool hereOnly = false) =>
        _lab.Done(Ownership.ClaimAsync(key, hereOnly, CancellationToken.None), seconds);
}

/// <summary>How a node starts.</summary>
internal sealed record LabSettings(
    int Port = 1, int AnswersLost = 0, LinkState State = LinkState.Up, string? Life = null, ChallengeLoad? Load = null, StoreError? Refusal = null)
{
    public TimeSpan Delay { get; init; }

    /// <summary>Puts something between the node and its link.</summary>
    public Func<IKeyValueStore, IKeyValueStore>? Wrap { get; init; }

    public Action<string>? PlaceLost { get; init; }
}
