using Instancer.TestKit.Simulation;

namespace Instancer.Actors.Tests.Simulation;

/// <summary>The simulation bites: each bug that is planted in the fakes breaks the invariant that guards against it, and is found.</summary>
public sealed class PlantedBugTests
{
    private const int Seeds = 12_000;

    [Theory]
    [InlineData(PlantedBugs.SecondBackend, 1)]
    [InlineData(PlantedBugs.CrossedWires, 1)]
    [InlineData(PlantedBugs.UnrecordedClaim, 2)]
    [InlineData(PlantedBugs.BlindListing, 2)]
    [InlineData(PlantedBugs.OnePerKey, 2)]
    [InlineData(PlantedBugs.LostAnswers, 3)]
    [InlineData(PlantedBugs.EarlyConfirmation, 3)]
    [InlineData(PlantedBugs.LostTimers, 4)]
    [InlineData(PlantedBugs.WrongToken, 7)]
    [InlineData(PlantedBugs.EarlyConfirmation, 8)]
    [InlineData(PlantedBugs.YoungestFirst, 9)]
    [InlineData(PlantedBugs.OneTooMany, 9)]
    [InlineData(PlantedBugs.OneConnectionTooMany, 10)]
    [InlineData(PlantedBugs.DoubtIsYes, 7)]
    [InlineData(PlantedBugs.OneInstanceTooMany, 11)]
    [InlineData(PlantedBugs.OneStartTooMany, 11)]
    [InlineData(PlantedBugs.OneSessionTooMany, 11)]
    public void A_planted_bug_is_found(PlantedBugs bug, int invariant)
    {
        var finding = Enumerable.Range(0, Seeds).FirstOrDefault(seed => NodeSimulation.Run(seed, bug)?.Invariant == invariant, -1);
        Assert.True(finding >= 0, $"{bug} was not found as a breach of invariant {invariant} in {Seeds} seeds.");
    }
}
