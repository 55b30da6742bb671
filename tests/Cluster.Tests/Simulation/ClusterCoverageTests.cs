using Instancer.TestKit.Simulation;
using Instancer.TestKit.Simulation.Cluster;

namespace Instancer.Cluster.Tests.Simulation;

/// <summary>A simulation that never gets anywhere finds nothing: everything that it is there for must happen in a few hundred seeds.</summary>
[Collection(SimulationCollection.Name)]
public sealed class ClusterCoverageTests
{
    private static readonly string[] Expected =
    [
        "is ready at",
        "is adopted at",
        "passes client",
        "and served",
        "for client",
        ": Served",
        ": Moved",
        ": Refused",
        "is placed at",
        "it is node-",
        "(Fenced)",
        "(Reset)",
        "is removed for another node's reset",
        "was not removed for another node's reset",
        "what this node had before",
        "is not served here",
        "ended: Finished",
        "ended: ClientReset",
        "ended: BackendReset",
        "ended: Revoked",
        "is a member of the cluster",
        "has lost its place",
        "no sign of life",
        "handlers fail for a while",
        "is left to whoever takes its key next",
        "is killed",
        "is paused",
        "goes on",
        "is started",
        "drains",
        "has drained",
        "is cut off from the store",
        "the way to the store is mended",
        "the way between",
        "a way between nodes is mended",
        "the store is out",
        "the store is back",
        "the store forgets",
        "another member leads",
        "an answer of the store is lost",
        "the store is slow",
        "a wall clock is set",
        "an engine goes",
        "a backend exits",
        "somebody copies a backend",
        "has stopped by itself",
        "the token is not accepted",
    ];

    [Fact]
    public void Everything_that_can_happen_happens()
    {
        var missing = Expected.ToHashSet();
        for (var seed = 0; seed < 1_000 && missing.Count > 0; seed++)
        {
            void See(string line) => missing.RemoveWhere(expected => line.Contains(expected, StringComparison.Ordinal));
            using var loggers = new TraceLoggerFactory(See);
            ClusterSimulation.Run(seed, trace: See, loggers: loggers);
        }

        Assert.Empty(missing);
    }
}
