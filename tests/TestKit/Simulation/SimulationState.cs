using Instancer.Actors;

namespace Instancer.TestKit.Simulation;

/// <summary>What the fakes and the invariants share: the seed's randomness, the clock, what was found.</summary>
internal sealed class SimulationState
{
    private readonly PlantedBugs _bugs;
    private readonly long _start = new VirtualTime().GetTimestamp();
    private int _throwsLeft;

    public SimulationState(int seed, PlantedBugs bugs)
    {
        _bugs = bugs;
        Random = new Random(seed);
        Limits = new SimulatedLimits(this);
    }

    public Random Random { get; }

    public VirtualTime Time { get; } = new();

    public PlantedBugs Bugs => _bugs;

    /// <summary>What clients may take.</summary>
    public SimulatedLimits Limits { get; }

    /// <summary>Whether something stands between a client and the node: it is asked something first, and whose its token is takes a while to find out. Default: false.</summary>
    public bool HasGate { get; set; }

    /// <summary>The clients that were said to be accepted, by their addresses.</summary>
    public HashSet<string> Admitted { get; } = [];

    /// <summary>Whether a backend that is left when a reset of its token is served cannot be reached any more. A node that is alone has none such.</summary>
    public Func<FakeBackend, bool> IsOutOfReach { get; set; } = _ => false;

    /// <summary>The tokens that are accepted, by hash.</summary>
    public HashSet<TokenHash> Accepted { get; } = [];

    /// <summary>The challenges that ask for a token.</summary>
    public HashSet<string> TokenChallenges { get; } = [];

    /// <summary>The first invariant that did not hold.</summary>
    public SimulationFailure? Failure { get; private set; }

    /// <summary>What happened, if somebody wants to read it.</summary>
    public Action<string>? Trace { get; init; }

    /// <summary>Tells the trace, with the time since the start.</summary>
    public void Say(string what) => Trace?.Invoke($"{TimeSpan.FromTicks(Time.GetTimestamp() - _start):mm\\:ss\\.fff} {what}");

    public bool IsAccepted(InstanceKey key) => !TokenChallenges.Contains(key.Challenge) || Accepted.Contains(key.Token);

    /// <summary>A token hash that the seed decides.</summary>
    public TokenHash NewToken()
    {
        var bytes = new byte[16];
        Random.NextBytes(bytes);
        return TokenHash.Of(bytes);
    }

    /// <summary>Notes what was found; the simulation stops after the step. (Thrown here it would be an actor's failure.)</summary>
    public void Check(int invariant, bool holds, Func<string> what)
    {
        if (!holds)
        {
            Failure ??= new SimulationFailure(invariant, what());
        }
    }

    /// <summary>Lets the next handlers that reach a port fail there.</summary>
    public void ArmThrow(int handlers = 1) => _throwsLeft = handlers;

    public void DisarmThrow() => _throwsLeft = 0;

    /// <summary>Called by ports within an actor's handler: a bug in a handler, wherever one may be.</summary>
    public void MayThrow()
    {
        if (_throwsLeft > 0 && Random.Chance(_throwsLeft > 1 ? 1 : 0.3))
        {
            _throwsLeft--;
            throw new InvalidOperationException("a bug in a handler, by order of the simulation");
        }
    }
}
