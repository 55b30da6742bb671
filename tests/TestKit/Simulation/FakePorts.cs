using System.Diagnostics.Metrics;
using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Actors.Reaping;

namespace Instancer.TestKit.Simulation;

/// <summary>Accepts the tokens that the simulation says are accepted.</summary>
internal sealed class FakeAuthenticator(SimulationState state) : IAuthenticator
{
    public ValueTask<Client?> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken)
    {
        var hash = TokenHash.Of(request.Token.Span);
        return new(state.Accepted.Contains(hash) || state.Bugs.HasFlag(PlantedBugs.WrongToken) ? new Client("client", hash) : null);
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
