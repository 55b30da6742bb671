using System.Net;
using Instancer.Actors;
using Instancer.Cluster;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>A configuration for a seed of several nodes.</summary>
internal static class ClusterSimulationOptions
{
    /// <summary>By how much a host's monotonic clock may be fast or slow: two such nodes are still within the margin of a lease.</summary>
    public const double MostDrift = 0.02;

    public static NodeOptions Make(SimulationState state)
    {
        var options = SimulatedOptions.Make(state);
        return options with
        {
            // A wait for nothing but time is what takes longest here: lives are shorter, and tighter limits rarer, than with one node.
            Challenges = [.. options.Challenges.Select(challenge => challenge with
            {
                Ttl = state.Random.Seconds(20, 120),
                IdleTimeout = state.Random.Seconds(5, 60),
                MaxInstances = challenge.MaxInstances + 1,
                Warm = state.Random.Chance(0.2) ? 1 : 0,
            })],
            Reaper = state.Random.Chance(0.7) ? options.Reaper with { MemoryBudget = null, MinAvailableMemory = 0 } : options.Reaper,
        };
    }

    /// <summary>The lease and its margin: short enough that leases end in a run.</summary>
    public static ClusterOptions Membership(Random random, ClusterBugs bugs)
    {
        var lease = random.Pick(4, 6, 10);
        return new ClusterOptions
        {
            Node = "",
            Advertise = new IPEndPoint(IPAddress.Loopback, 0),
            Lease = TimeSpan.FromSeconds(lease),
            Margin = bugs.HasFlag(ClusterBugs.NoMargin) ? TimeSpan.Zero : TimeSpan.FromSeconds(lease / 5.0),
            KeepAliveInterval = TimeSpan.FromSeconds(lease * 0.3),
        };
    }
}
