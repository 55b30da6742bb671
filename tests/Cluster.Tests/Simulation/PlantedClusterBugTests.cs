using Instancer.TestKit.Simulation.Cluster;

namespace Instancer.Cluster.Tests.Simulation;

/// <summary>The simulation bites: each bug that is planted around the cluster's parts breaks the invariant that guards against it, and is found.</summary>
[Collection(SimulationCollection.Name)]
public sealed class PlantedClusterBugTests
{
    private const int Seeds = 1_500;

    [Theory]
    [InlineData(ClusterBugs.NoMargin, 1)]
    [InlineData(ClusterBugs.BlindClaim, 1)]
    [InlineData(ClusterBugs.BlindRelay, 1)]
    [InlineData(ClusterBugs.BlindRelease, 1)]
    [InlineData(ClusterBugs.WatchGap, 2)]
    [InlineData(ClusterBugs.EarlyMark, 8)]
    public void A_planted_bug_is_found(ClusterBugs bug, int invariant)
    {
        var finding = Enumerable.Range(0, Seeds).FirstOrDefault(seed => ClusterSimulation.Run(seed, bug)?.Invariant == invariant, -1);
        Assert.True(finding >= 0, $"{bug} was not found as a breach of invariant {invariant} in {Seeds} seeds.");
    }
}
