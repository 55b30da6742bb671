using Instancer.TestKit.Simulation;

namespace Instancer.Actors.Tests.Simulation;

/// <summary>A simulation that never gets anywhere finds nothing: everything that it is there for must happen in a few hundred seeds.</summary>
public sealed class SimulationCoverageTests
{
    private static readonly string[] Expected =
    [
        "is ready at",
        "is adopted at",
        "takes the spare",
        "cannot keep the spare",
        "did not start",
        "ended: Finished",
        "ended: ClientReset",
        "ended: BackendReset",
        "ended: Revoked",
        "(MaxInstances)",
        "(NoFreePort)",
        "(MemoryBudget)",
        "(LowMemory)",
        "(Reset)",
        "(Ttl)",
        "(Idle)",
        "is gone from the runtime",
        "could not be removed",
        "somebody else's",
        "waited too long for room",
        "the start queue is full",
        "backing off",
        "the token is not accepted",
        "Opening took too long",
        "of 130 bytes came",
        "the client went away while it waited",
        "no connection to the backend within",
        "the backend ended before it was connected",
        "too many open files",
        "could not accept a client",
        "accepts clients again",
        "The token registry was restarted",
        "does not match the configuration",
        "its key has another backend",
        "the instance's actor failed",
        "the token registry failed",
        "gateway-challenge-0#4 is restarted",
        "cannot say what it has",
        "the node is killed",
        "the wall clock is set",
        "a failure reached its root",
        "(TokenFull)",
        "as many instances as it may have",
        "as many starts within a minute as it may have",
        "as many sessions as it may have",
        "its session has lasted for",
        "has not done what it was asked",
        "others wait, and it has not said yet",
        "Authentication took too long",
        "The authenticator failed unexpectedly",
    ];

    [Fact]
    public void Everything_that_can_happen_happens()
    {
        var missing = Expected.ToHashSet();
        for (var seed = 0; seed < 3_000 && missing.Count > 0; seed++)
        {
            void See(string line) => missing.RemoveWhere(expected => line.Contains(expected, StringComparison.Ordinal));
            using var loggers = new TraceLoggerFactory(See);
            NodeSimulation.Run(seed, trace: See, loggers: loggers);
        }

        Assert.Empty(missing);
    }
}
