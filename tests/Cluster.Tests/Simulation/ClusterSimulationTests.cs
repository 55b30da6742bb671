using System.Globalization;
using Instancer.TestKit.Simulation;
using Instancer.TestKit.Simulation.Cluster;
using Xunit.Abstractions;

namespace Instancer.Cluster.Tests.Simulation;

[Collection(SimulationCollection.Name)]
public sealed class ClusterSimulationTests(ITestOutputHelper output)
{
    private const int OrdinarySeeds = 5_000;

    /// <summary>INSTANCER_CLUSTER_SIM_SEEDS=N runs more seeds, INSTANCER_CLUSTER_SIM_FIRST=N begins elsewhere.</summary>
    [Fact]
    public void The_invariants_hold_under_every_seed()
    {
        var seeds = FromEnvironment("INSTANCER_CLUSTER_SIM_SEEDS", OrdinarySeeds);
        var first = FromEnvironment("INSTANCER_CLUSTER_SIM_FIRST", 0);
        SimulationFailure? failure = null;
        var failingSeed = int.MaxValue;
        var gate = new Lock();
        Parallel.For(first, first + seeds, (seed, loop) =>
        {
            if (ClusterSimulation.Run(seed) is { } found)
            {
                lock (gate)
                {
                    (failingSeed, failure) = seed < failingSeed ? (seed, found) : (failingSeed, failure);
                }

                loop.Stop();
            }
        });
        output.WriteLine($"{seeds} seeds from {first}");
        Assert.True(failure is null, $"Seed {failingSeed}: {failure?.Message}. Replay it with INSTANCER_CLUSTER_SIM_SEED={failingSeed}.");
    }

    /// <summary>INSTANCER_CLUSTER_SIM_SEED=N replays one seed and prints its steps.</summary>
    [Fact]
    public void A_seed_replays_exactly()
    {
        var seed = FromEnvironment("INSTANCER_CLUSTER_SIM_SEED", 4711);
        var runs = new List<string>[] { [], [] };
        SimulationFailure? failure = null;
        foreach (var run in runs)
        {
            using var loggers = new TraceLoggerFactory(run.Add);
            failure = ClusterSimulation.Run(seed, trace: run.Add, loggers: loggers);
        }

        runs[0].ForEach(output.WriteLine);
        Assert.NotEmpty(runs[0]);
        Assert.Equal(runs[0], runs[1]);
        Assert.True(failure is null, $"Seed {seed}: {failure?.Message}");
    }

    private static int FromEnvironment(string name, int otherwise)
        => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : otherwise;
}
