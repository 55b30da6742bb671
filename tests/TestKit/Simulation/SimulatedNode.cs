using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Actors.Registry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.TestKit.Simulation;

/// <summary>One life of a node: the real actors on fakes, from its start until it is killed.</summary>
internal sealed class SimulatedNode
{
    public SimulatedNode(NodeOptions options, FakeEngine engine, SimulationState state, ILoggerFactory? loggers = null)
    {
        Dispatcher = new SeededDispatcher(state.Random);
        Calls = new PendingCalls(state.Random);
        Relay = new FakeRelay(engine, Calls, state);
        Listeners = options.Challenges.ToDictionary(challenge => challenge.Name, challenge => new FakeListener(challenge.Name, state, () => FakeClient.Now(state)));
        var oracle = new ReaperOracle(state);
        if (state.Bugs.HasFlag(PlantedBugs.OneConnectionTooMany))
        {
            options = options with { Gateway = options.Gateway with { MaxConnections = options.Gateway.MaxConnections + 1 } };
        }

        Node = InstancerNode.Start(
            options,
            new NodePorts
            {
                Listeners = Listeners.ToDictionary(listener => listener.Key, listener => (IListener)listener.Value),
                Runtimes = [new FakeRuntime(engine, Calls, state, state.Time)],
                Authenticator = new FakeAuthenticator(state, Calls),
                Limits = state.Limits,
                Relay = Relay,
                Memory = Memory,
                Ownership = new FakeOwnership(Calls, state),
                Time = state.Time,
                Loggers = loggers ?? NullLoggerFactory.Instance,
                Meters = SharedMeters.Instance,
            },
            new NodeChance { Dispatcher = Dispatcher, Choose = oracle.Choose, NewToken = state.NewToken });
    }

    public SeededDispatcher Dispatcher { get; }

    public PendingCalls Calls { get; }

    public FakeRelay Relay { get; }

    public IReadOnlyDictionary<string, FakeListener> Listeners { get; }

    public FakeMemory Memory { get; } = new();

    public InstancerNode Node { get; }

    /// <summary>The registry's present incarnation; null before its start, and while it is being restarted.</summary>
    public TokenRegistryActor? Registry => Node.Registry.Incarnation as TokenRegistryActor;

    /// <summary>One node owns every key, sometimes at once, sometimes after a while.</summary>
    private sealed class FakeOwnership(PendingCalls calls, SimulationState state) : IKeyOwnership
    {
        public ValueTask<KeyOwner> ClaimAsync(InstanceKey key, bool hereOnly, CancellationToken cancellationToken)
        {
            state.MayThrow();
            KeyOwner here = new KeyOwner.Here(UnlimitedTenure.Instance);
            if (state.Random.Chance(0.7))
            {
                return ValueTask.FromResult(here);
            }

            var answer = new TaskCompletionSource<KeyOwner>();
            calls.Add(() => answer.SetResult(here));
            return new ValueTask<KeyOwner>(answer.Task);
        }

        public ValueTask<string?> ResetElsewhereAsync(string challenge, TokenHash token, CancellationToken cancellationToken)
        {
            if (state.Random.Chance(0.7))
            {
                return ValueTask.FromResult<string?>(null);
            }

            var answer = new TaskCompletionSource<string?>();
            calls.Add(() => answer.SetResult(state.Random.Chance(0.2) ? "the store does not answer" : null));
            return new ValueTask<string?>(answer.Task);
        }

        public ValueTask<KeyOwner> ReclaimAsync(InstanceKey key, string backendId, CancellationToken cancellationToken) => ClaimAsync(key, hereOnly: true, cancellationToken);

        public ValueTask LeaveAsync(InstanceKey key, string backendId, CancellationToken cancellationToken) => ReleaseAsync(key, cancellationToken);

        public ValueTask ReleaseAsync(InstanceKey key, CancellationToken cancellationToken)
        {
            if (state.Random.Chance(0.7))
            {
                return ValueTask.CompletedTask;
            }

            var answer = new TaskCompletionSource();
            calls.Add(answer.SetResult);
            return new ValueTask(answer.Task);
        }
    }
}
