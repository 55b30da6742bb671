namespace Instancer.Actors.Tests.Domain;

/// <summary>Limits that a test changes while they apply.</summary>
internal sealed class ChangingLimits : IChallengeLimits
{
    public ChallengeLimits Now { get; set; } = ChallengeLimits.None;

    public ChallengeLimits Of(string challenge) => Now;
}
