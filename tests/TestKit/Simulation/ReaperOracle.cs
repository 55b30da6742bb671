using System.Collections.Immutable;
using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;

namespace Instancer.TestKit.Simulation;

/// <summary>Checks every choice of the reaper against the stated order and the stated measure, counted in another way than the policy does.</summary>
internal sealed class ReaperOracle(SimulationState state)
{
    public IReadOnlyList<Victim> Choose(
        ReaperOptions options, ImmutableArray<Candidate> candidates, RoomDemand demand, MemoryReading memory)
    {
        List<InstanceInfo> instances = [.. candidates.Select(candidate => candidate.Instance)];
        var victims = ReaperPolicy.Choose(options, candidates, demand, memory);
        if (state.Bugs.HasFlag(PlantedBugs.YoungestFirst) && victims.Count > 0)
        {
            // Idle or not as it is: one that is chosen as idle and is not would be spared and chosen again, for ever.
            var youngest = Youngest(instances);
            victims = [.. victims.Select(victim => victim with { Key = youngest.Key, WasIdle = youngest.State != InstanceState.Ready })];
        }
        else if (state.Bugs.HasFlag(PlantedBugs.OneTooMany) && victims.Count > 0)
        {
            var more = instances.FirstOrDefault(instance => IsReady(instance) && victims.All(victim => victim.Key != instance.Key));
            victims = more is null ? victims : [.. victims, new Victim(more.Key, victims[0].Cause, more.State != InstanceState.Ready)];
        }

        Check(options, instances, demand, memory, victims);
        return victims;
    }

    public void Check(
        ReaperOptions options,
        IReadOnlyList<InstanceInfo> instances,
        RoomDemand demand,
        MemoryReading memory,
        IReadOnlyList<Victim> victims)
    {
        var chosen = victims.Select(victim => instances.Single(instance => instance.Key == victim.Key)).ToList();
        state.Check(9, chosen.TrueForAll(IsReady), () => "an instance that is not ready is culled");
        foreach (var (challenge, places) in demand.Places)
        {
            CheckCause(StopCause.MaxInstances, places, instance => instance.Key.Challenge == challenge ? 1 : 0);
        }

        CheckCause(StopCause.NoFreePort, demand.Ports, instance => instance.Port is null ? 0 : 1);
        CheckCause(StopCause.MemoryBudget, demand.Memory, instance => instance.Memory ?? 0);
        var low = memory.Available < options.MinAvailableMemory ? options.EnoughAvailableMemory - memory.Available : 0;
        CheckCause(StopCause.LowMemory, low, instance => instance.Memory ?? low);

        void CheckCause(StopCause cause, long missing, Func<InstanceInfo, long> gives)
        {
            var ours = victims.Where(victim => victim.Cause == cause).Select(victim => chosen.Find(instance => instance.Key == victim.Key)!)
                .Where(instance => gives(instance) > 0).ToList();
            if (ours.Count == 0)
            {
                return;
            }

            var last = ours[^1];
            var spared = instances.FirstOrDefault(instance =>
                IsReady(instance)
                && gives(instance) > 0
                && !chosen.Contains(instance)
                && Rank(options.Order, instance).CompareTo(Rank(options.Order, last)) < 0);
            state.Check(9, spared is null, () => $"{last.Key.ToShortString()} goes before {spared!.Key.ToShortString()}, which is older");

            // Causes are seen to in their order: what a later one takes cannot have been counted on.
            var counted = victims.Where(victim => victim.Cause <= cause).Select(victim => chosen.Find(instance => instance.Key == victim.Key)!);
            var without = instances.Where(instance => instance.State == InstanceState.Stopping).Sum(gives) + counted.Sum(gives) - gives(last);
            state.Check(9, without < missing, () => $"{ours.Count} go for {cause} where fewer would do");
        }
    }

    private static (bool IsSomebodys, bool Busy, DateTimeOffset CreatedAt) Rank(ReapOrder order, InstanceInfo instance)
        => (!instance.IsSpare, order == ReapOrder.OldestIdleFirst && instance.State == InstanceState.Ready, instance.CreatedAt!.Value);

    private static bool IsReady(InstanceInfo instance)
        => instance.State is InstanceState.Ready or InstanceState.Idle or InstanceState.Warm;

    private static InstanceInfo Youngest(IReadOnlyList<InstanceInfo> instances) => instances.Where(IsReady).MaxBy(instance => instance.CreatedAt)!;
}
