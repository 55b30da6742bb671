using Instancer.Actors.Instances;

namespace Instancer.Actors.Reaping;

/// <summary>
/// An instance with what the reaper's order goes by beside it: at a hundred thousand instances each look into the instance itself
/// costs a trip to memory, and few are needed.
/// </summary>
/// <param name="Instance">What is known of it.</param>
internal readonly record struct Candidate(InstanceInfo Instance)
{
    /// <summary>When its backend was started, in ticks of UTC; 0 while there is none.</summary>
    public long CreatedAt { get; } = Instance.CreatedAt?.UtcTicks ?? 0;

    /// <summary>Where it is in its life.</summary>
    public InstanceState State { get; } = Instance.State;
}
