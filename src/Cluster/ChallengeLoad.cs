namespace Instancer.Cluster;

/// <summary>How much a node has to do for a challenge, and how much it can take.</summary>
/// <param name="Instances">How many instances it has, those that are being started among them.</param>
/// <param name="Max">How many it may have; <see cref="int.MaxValue"/> for a challenge without a limit.</param>
public sealed record ChallengeLoad(int Instances, int Max);
