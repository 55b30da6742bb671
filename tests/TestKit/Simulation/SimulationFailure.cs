namespace Instancer.TestKit.Simulation;

/// <summary>An invariant that did not hold.</summary>
/// <param name="Invariant">Its number in the design; 10 is the limit of a challenge's connections, 11 what a client may take.</param>
/// <param name="What">What was seen.</param>
public sealed record SimulationFailure(int Invariant, string What)
{
    public string Message => $"Invariant {Invariant}: {What}";
}
