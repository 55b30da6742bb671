namespace Instancer.Cluster.Tests.Simulation;

/// <summary>The simulation takes all processors for minutes: beside it no test that waits for a real answer would get one in time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SimulationCollection
{
    public const string Name = "simulation of several nodes";
}
