using Instancer.Actors;

namespace Instancer.TestKit.Simulation;

/// <summary>A configuration for a seed: small limits, so that all of them are reached.</summary>
internal static class SimulatedOptions
{
    public static NodeOptions Make(SimulationState state)
    {
        var random = state.Random;
        state.Accepted.UnionWith(Enumerable.Range(0, 3).Select(token => TokenHash.Of(FakeClient.TokenBytes(token))));
        var challenges = Enumerable.Range(0, random.Next(1, 4)).Select(number => Challenge(random, number)).ToList();
        state.TokenChallenges.UnionWith(
            challenges.Where(challenge => challenge.Scope == ChallengeScope.Identifier).Select(challenge => challenge.Name));
        return new NodeOptions
        {
            Challenges = challenges,
            Ports = new PortRange(20000, 20000 + random.Next(1, 5)),
            Gateway = new GatewayOptions { PreambleTimeout = random.Seconds(2, 5), DrainTimeout = random.Seconds(1, 5), MaxConnections = random.Next(2, 12) },
            StartQueue = new StartQueueOptions
            {
                ConcurrentStarts = random.Next(1, 4),
                Length = random.Next(1, 8),
                Timeout = random.Seconds(3, 10),
            },
            Reaper = new ReaperOptions
            {
                Order = random.Pick(ReapOrder.Oldest, ReapOrder.OldestIdleFirst),
                MemoryBudget = random.Pick<long?>(null, 100, 200),
                MinAvailableMemory = random.Pick(0, 100),
                EnoughAvailableMemory = 125,
            },
        };
    }

    /// <summary>What stands between clients and the node, in every other seed, and what they may take.</summary>
    public static void AddGate(SimulationState state, NodeOptions options)
    {
        state.HasGate = state.Random.Chance(0.5);
        foreach (var challenge in options.Challenges.Where(_ => state.HasGate && state.Random.Chance(0.7)))
        {
            state.Limits.Change(challenge.Name);
        }
    }

    private static Challenge Challenge(Random random, int number)
    {
        // Long enough that only the reconciliation finds what is there beside an instance.
        var isLongLived = random.Chance(0.2);
        var maxInstances = random.Next(1, 6);
        return new()
        {
            Name = $"challenge-{number}",
            Port = 0,
            Runtime = "fake",
            Template = new FakeTemplate($"challenge-{number}", random.Chance(0.6)) { Memory = random.Pick<long?>(null, 20, 50) },
            Scope = random.Pick(ChallengeScope.Identifier, ChallengeScope.Identifier, ChallengeScope.Connection),
            Ttl = isLongLived ? random.Seconds(900, 1500) : random.Seconds(20, 120),
            IdleTimeout = isLongLived ? random.Seconds(500, 800) : random.Seconds(5, 40),
            StartTimeout = random.Seconds(2, 6),
            MaxInstances = maxInstances,
            Warm = random.Chance(0.4) ? random.Next(1, maxInstances + 1) : 0,
        };
    }
}
