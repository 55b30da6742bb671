using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;
using Instancer.TestKit;

namespace Instancer.Actors.Tests.Domain;

/// <summary>What a failure of an instance's actor, a leave under way and a drain must not do.</summary>
public sealed class UnderWayTests
{
    private readonly Store _store = new();
    private TaskCompletionSource<ListOutcome>? _lists;

    [Fact]
    public void A_release_under_way_when_the_actor_fails_takes_no_key_away_that_was_claimed_since()
    {
        var (lab, runtime, instance, _) = Instance();
        Connect(lab, instance, out var first);
        Assert.NotNull(first.Granted());
        _store.HoldsReleases = true;
        lab.Stop(first.Ref);
        lab.Tell(instance, new InstanceMessage.Stop(StopCause.Operator));
        Assert.Empty(runtime.Running);
        Assert.Single(_store.Held);

        // A bug in a handler, while the key is being given up.
        instance.Tell(new InstanceMessage.Found(null!, Adopt: false));
        Connect(lab, instance, out var second);
        lab.AdvanceSeconds(1);
        lab.Tell(instance, new InstanceMessage.StartGranted(null));
        _store.AnswerReleases();
        lab.AdvanceSeconds(1);
        Assert.True(second.Granted() is null || _store.HasKey, "it serves under a key that is nobody's in the store");
    }

    [Fact]
    public void A_claim_under_way_when_the_actor_fails_begins_no_second_call()
    {
        var (lab, runtime, instance, registry) = Instance();
        runtime.HoldsStarts = true;
        _store.HoldsClaims = true;
        Connect(lab, instance, out _);
        Assert.Single(_store.HeldClaims);
        lab.Tell(instance, new InstanceMessage.Refuse(null!, "a bug in a handler"));
        // The failed actor comes back, and its listing is under way.
        _lists = new();
        lab.AdvanceSeconds(0.5);
        Connect(lab, instance, out _);
        _store.AnswerClaims();
        lab.Run();
        lab.Tell(instance, new InstanceMessage.StartGranted(null));
        _lists.SetResult(new ListOutcome.Listed([]));
        lab.Run();
        var returned = registry.Received.OfType<RegistryMessage.RoomReturned>().Count();
        Assert.True(runtime.Held == 0 || returned == 0, "the room was returned while a start is under way");
    }

    [Fact]
    public void A_reset_is_not_said_to_be_done_while_what_is_to_be_gone_is_being_left_for_the_next_start()
    {
        var lab = new RegistryLab(RegistryLab.Options(), prepare: runtime => runtime.SurvivesRestart = true, ownership: _store);
        lab.Disconnect(lab.Connect(Keys.Of("ann")));
        _store.HoldsReleases = true;
        lab.Actors.Tell(lab.Registry, new RegistryMessage.HandBack());
        Assert.Single(_store.Held);
        Assert.False(lab.IsAnswered<bool>(reply => new RegistryMessage.Stop(Keys.Of("ann"), StopCause.Reset, reply)));
    }

    [Fact]
    public void A_node_of_several_has_not_stopped_before_its_keys_are_handed_back()
    {
        var lab = new RegistryLab(RegistryLab.Options(), prepare: runtime => runtime.SurvivesRestart = true, ownership: _store);
        var session = lab.Connect(Keys.Of("ann"));
        lab.Actors.Tell(lab.Registry, new RegistryMessage.HandBack());

        // The gateways have said that they are drained; the instance has not read yet that its session has ended.
        var answered = lab.IsAnswered<ShutDown>(reply => new RegistryMessage.Shutdown(reply));
        Assert.False(answered, "the place is given up before the key is left");
        lab.Disconnect(session);
        Assert.Equal(1, _store.Leaves);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_door_that_stays_open_does_not_keep_a_node_from_stopping(int seed)
    {
        var lab = new ActorLab(seed);
        var options = new GatewayOptions();
        var forwards = new ForwardScope(new Dictionary<string, ConnectionScope>(), new NodeMetrics(new PlainMeters()), lab.Log);
        var scope = new GatewayScope("forward", options, socket => new ForwardedConnectionActor(forwards, (IForwardedSocket)socket), lab.Log) { StaysOpen = true };
        var door = new Door();
        var gateway = lab.Spawn(() => new GatewayActor(scope, new AcceptGate(door)), name: "gateway");
        door.Connect();
        lab.Run();
        var drained = new ReplyTo<Drained>(gateway.Path);
        lab.Tell(gateway, new GatewayMessage.Drain(drained, TimeSpan.FromSeconds(25)));
        lab.AdvanceSeconds(24);
        lab.Time.Advance(TimeSpan.FromSeconds(1));
        door.Connect();
        lab.AdvanceSeconds(600);
        Assert.True(drained.Answer.IsCompleted, "the time-out is over, and it goes on");
    }

    [Fact]
    public void Who_waits_for_a_start_at_a_node_that_stops_is_told_to_ask_again()
    {
        var lab = new ForwardLab();
        var socket = lab.Forwarded(new ForwardOpening.Client(new ForwardRequest(Keys.Of("ann"), "ann", "192.0.2.9:1")));
        lab.Reply(ConnectionMessage.LeasePending.Instance);
        lab.Reply(new ConnectionMessage.Abort());
        Assert.Equal([ForwardAnswer.Moved], socket.Answers);
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(0, 20)];

    private (ActorLab Lab, ScriptedRuntime Runtime, ActorRef<InstanceMessage> Instance, TestProbe<RegistryMessage> Registry) Instance()
    {
        var lab = new ActorLab();
        var runtime = new ScriptedRuntime(lab.Time);
        var registry = lab.Probe<RegistryMessage>();
        var scope = new InstanceScope(RegistryLab.Challenge(), new SlowLists(runtime, () => _lists), _store, TimeSpan.FromMinutes(1), new NodeMetrics(new PlainMeters()), lab.Log);
        var holds = new InstanceHoldings();
        var instance = lab.Spawn(() => new InstanceActor(scope, Keys.Of("ann"), holds, registry.Ref));
        return (lab, runtime, instance, registry);
    }

    /// <summary>A client, and a registry that lets start whoever wants to.</summary>
    private static void Connect(ActorLab lab, ActorRef<InstanceMessage> instance, out TestProbe<ConnectionMessage> connection)
    {
        connection = lab.Probe<ConnectionMessage>();
        lab.Tell(instance, new InstanceMessage.Acquire(new RegistryMessage.Acquire(Keys.Of("ann"), null, connection.Ref)));
        lab.Tell(instance, new InstanceMessage.StartGranted(null));
    }

    /// <summary>One key in a store: as the cluster's, a claim of what this place has is answered with Here.</summary>
    private sealed class Store : IKeyOwnership
    {
        public bool HoldsReleases { get; set; }

        public bool HoldsClaims { get; set; }

        public bool HasKey { get; private set; }

        public int Leaves { get; private set; }

        public List<TaskCompletionSource> Held { get; } = [];

        public List<TaskCompletionSource<KeyOwner>> HeldClaims { get; } = [];

        public ScriptedTenure Tenure { get; } = new();

        public void AnswerReleases() => Held.ForEach(held =>
        {
            HasKey = false;
            held.SetResult();
        });

        public void AnswerClaims() => HeldClaims.ForEach(held =>
        {
            HasKey = true;
            held.TrySetResult(new KeyOwner.Here(Tenure));
        });

        public ValueTask<KeyOwner> ClaimAsync(InstanceKey key, bool hereOnly, CancellationToken cancellationToken)
        {
            if (HoldsClaims)
            {
                HeldClaims.Add(new());
                return new(HeldClaims[^1].Task);
            }

            HasKey = true;
            return new(new KeyOwner.Here(Tenure));
        }

        public ValueTask<KeyOwner> ReclaimAsync(InstanceKey key, string backendId, CancellationToken cancellationToken) => ClaimAsync(key, true, cancellationToken);

        public ValueTask ReleaseAsync(InstanceKey key, CancellationToken cancellationToken)
        {
            if (HoldsReleases)
            {
                Held.Add(new());
                return new(Held[^1].Task);
            }

            HasKey = false;
            return ValueTask.CompletedTask;
        }

        public ValueTask LeaveAsync(InstanceKey key, string backendId, CancellationToken cancellationToken)
        {
            Leaves++;
            return ReleaseAsync(key, cancellationToken);
        }

        public ValueTask<string?> ResetElsewhereAsync(string challenge, TokenHash token, CancellationToken cancellationToken) => new(default(string));
    }

    /// <summary>A runtime whose listings the test holds back.</summary>
    private sealed class SlowLists(ScriptedRuntime runtime, Func<TaskCompletionSource<ListOutcome>?> held) : IInstanceRuntime
    {
        public string Name => runtime.Name;

        public bool SurvivesRestart => runtime.SurvivesRestart;

        public bool NeedsPort(InstanceTemplate template) => runtime.NeedsPort(template);

        public Task<StartOutcome> StartAsync(StartRequest request, CancellationToken cancellationToken) => runtime.StartAsync(request, cancellationToken);

        public Task<TakeOutcome> TakeAsync(TakeRequest request, CancellationToken cancellationToken) => runtime.TakeAsync(request, cancellationToken);

        public Task<StopOutcome> StopAsync(InstanceKey key, string? backendId, CancellationToken cancellationToken) => runtime.StopAsync(key, backendId, cancellationToken);

        public Task<ListOutcome> ListAsync(CancellationToken cancellationToken) => held()?.Task ?? runtime.ListAsync(cancellationToken);
    }

    private sealed class Door : IListener
    {
        private TaskCompletionSource<AcceptOutcome> _accept = new();

        public string LocalAddress => "scripted";

        public Task<AcceptOutcome> AcceptAsync() => (_accept = new()).Task;

        public void Connect() => _accept.SetResult(new AcceptOutcome.Accepted(new ScriptedSocket()));

        public void Dispose()
        {
        }
    }
}
