using System.Diagnostics.Metrics;
using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Actors.Reaping;

namespace Instancer.TestKit.Simulation;

/// <summary>Accepts the tokens that the simulation says are accepted.</summary>
internal sealed class FakeAuthenticator(SimulationState state, PendingCalls calls) : IAuthenticator
{
    /// <summary>At once; and if the seed has a gate also late, never, or not at all for a failure of its own.</summary>
    public ValueTask<Authentication> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken)
    {
        var hash = TokenHash.Of(request.Token.Span);
        if (!state.HasGate || state.Random.Chance(0.7))
        {
            return new(Answer(hash, request.RemoteAddress));
        }

        var answer = new TaskCompletionSource<Authentication>();
        cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        switch (state.Random.Next(10))
        {
            case < 6:
                calls.Add(() => answer.TrySetResult(Answer(hash, request.RemoteAddress)));
                break;
            case < 8 when state.Bugs.HasFlag(PlantedBugs.DoubtIsYes):
                calls.Add(() => answer.TrySetResult(new Client("client", hash)));
                break;
            case < 7:
                calls.Add(() => answer.TrySetResult(Authentication.Unknown));
                break;
            case < 8:
                calls.Add(() => answer.TrySetException(new IOException("whose it is cannot be found out, by order of the simulation")));
                break;
        }

        return new(answer.Task);
    }

    private Client? Answer(TokenHash hash, string address)
    {
        var isAccepted = state.Accepted.Contains(hash);
        if (isAccepted)
        {
            state.Admitted.Add(address);
        }

        return isAccepted || state.Bugs.HasFlag(PlantedBugs.WrongToken) ? new Client("client", hash) : null;
    }
}

/// <summary>Memory readings that the simulation sets.</summary>
internal sealed class FakeMemory : IMemoryProbe
{
    public long Available { get; set; } = 1000;

    public MemoryReading Read() => new(Available, 1000);
}

/// <summary>One meter for all nodes, that nobody listens to.</summary>
internal sealed class SharedMeters : IMeterFactory
{
    public static SharedMeters Instance { get; } = new();

    private readonly Meter _meter = new("Instancer.Simulation");

    public Meter Create(MeterOptions options) => _meter;

    public void Dispose() => _meter.Dispose();
}
