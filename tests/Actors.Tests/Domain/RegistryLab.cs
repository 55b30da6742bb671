using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;
using Instancer.TestKit;

namespace Instancer.Actors.Tests.Domain;

/// <summary>The real registry, instances and reaper on a scripted runtime, with probes for connections.</summary>
internal sealed class RegistryLab : IMemoryProbe
{
    public RegistryLab(NodeOptions options, int seed = 0, Action<ScriptedRuntime>? prepare = null, IKeyOwnership? ownership = null, IChallengeLimits? limits = null)
    {
        Actors = new ActorLab(seed);
        Runtime = new ScriptedRuntime(Actors.Time);
        prepare?.Invoke(Runtime);
        var scope = new RegistryScope(
            options,
            new Dictionary<string, IInstanceRuntime> { [Runtime.Name] = Runtime },
            ownership ?? new SingleNodeOwnership(),
            new NodeStatus(),
            new NodeMetrics(new PlainMeters()),
            Actors.Time,
            TokenHash.Random,
            Actors.Log) { IsClustered = ownership is not null, Limits = limits ?? FixedLimits.None };
        var life = new RegistryLife();
        Registry = Actors.Spawn(() => new TokenRegistryActor(scope, life));
        Actors.Spawn(() => new ReaperActor(options.Reaper, this, Registry, ReaperPolicy.Choose, Actors.Log));
    }

    public ActorLab Actors { get; }

    public ScriptedRuntime Runtime { get; }

    public ActorRef<RegistryMessage> Registry { get; }

    /// <summary>The memory that the reaper reads.</summary>
    public long AvailableMemory { get; set; } = 1000;

    public IReadOnlyList<InstanceInfo> Instances
        => Ask<IReadOnlyList<InstanceInfo>>(reply => new RegistryMessage.List(reply));

    /// <summary>One challenge of the usual kind.</summary>
    public static Challenge Challenge(bool needsPort = false, long? memory = null) => new()
    {
        Name = Keys.Challenge,
        Port = 0,
        Runtime = "scripted",
        Template = new ScriptedTemplate(needsPort) { Memory = memory },
        MaxInstances = 1000,
    };

    public static NodeOptions Options(Challenge? challenge = null) => new() { Challenges = [challenge ?? Challenge()] };

    /// <summary>A connection that wants the instance of its key.</summary>
    public TestProbe<ConnectionMessage> Connect(InstanceKey key, bool isForwarded = false)
    {
        var connection = Actors.Probe<ConnectionMessage>();
        Actors.Tell(Registry, new RegistryMessage.Acquire(key, null, connection.Ref) { IsForwarded = isForwarded });
        return connection;
    }

    public void Disconnect(TestProbe<ConnectionMessage> connection) => Actors.Stop(connection.Ref);

    /// <summary>Asks the registry and has all run that follows; what it has not answered then, it does not.</summary>
    public TReply Ask<TReply>(Func<ReplyTo<TReply>, RegistryMessage> question)
    {
        var (reply, answer) = Question(question);
        Assert.True(reply, "the registry has not answered");
        return answer;
    }

    public bool IsAnswered<TReply>(Func<ReplyTo<TReply>, RegistryMessage> question) => Question(question).IsAnswered;

    public InstanceInfo? Find(InstanceKey key) => Instances.FirstOrDefault(instance => instance.Key == key);

    MemoryReading IMemoryProbe.Read() => new(AvailableMemory, 1000);

    private (bool IsAnswered, TReply Answer) Question<TReply>(Func<ReplyTo<TReply>, RegistryMessage> question)
    {
        var reply = new ReplyTo<TReply>(Registry.Path);
        Actors.Tell(Registry, question(reply));
        return reply.Answer.IsCompletedSuccessfully ? (true, reply.Answer.GetAwaiter().GetResult()) : (false, default!);
    }
}

internal static class ConnectionProbeExtensions
{
    /// <summary>The places in the queue that it was told; null for a start that begins.</summary>
    public static IReadOnlyList<int?> Places(this TestProbe<ConnectionMessage> connection)
        => [.. connection.Received.OfType<ConnectionMessage.StartAwaited>().Select(awaited => awaited.Position)];

    /// <summary>What it was told, but for that it has to wait.</summary>
    public static IReadOnlyList<ConnectionMessage> Answers(this TestProbe<ConnectionMessage> connection)
        => [.. connection.Received.Where(message => message is not (ConnectionMessage.LeasePending or ConnectionMessage.StartAwaited))];

    public static BackendAddress? Granted(this TestProbe<ConnectionMessage> connection)
        => connection.Received.OfType<ConnectionMessage.LeaseGranted>().SingleOrDefault()?.Address;

    public static string? Denied(this TestProbe<ConnectionMessage> connection)
        => connection.Received.OfType<ConnectionMessage.LeaseDenied>().SingleOrDefault()?.Reason;

    public static string? SentAway(this TestProbe<ConnectionMessage> connection)
        => connection.Received.OfType<ConnectionMessage.LeaseElsewhere>().SingleOrDefault()?.Reason;

    public static string? Revoked(this TestProbe<ConnectionMessage> connection)
        => connection.Received.OfType<ConnectionMessage.LeaseRevoked>().SingleOrDefault()?.Reason;
}
