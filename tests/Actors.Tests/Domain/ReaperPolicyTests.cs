using FsCheck;
using FsCheck.Fluent;
using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;

namespace Instancer.Actors.Tests.Domain;

public sealed class ReaperPolicyTests
{
    private static readonly ReaperOptions Oldest = new()
    {
        Order = ReapOrder.Oldest, MinAvailableMemory = 100, EnoughAvailableMemory = 150,
    };

    private static readonly ReaperOptions IdleFirst = Oldest with { Order = ReapOrder.OldestIdleFirst };
    private static readonly MemoryReading Plenty = new(1000, 1000);

    /// <summary>From the oldest to the youngest.</summary>
    private static readonly InstanceInfo[] Instances =
    [
        Info("a", 1, InstanceState.Ready) with { Port = 1, Memory = 30 },
        Info("b", 2, InstanceState.Idle) with { Memory = 30 },
        Info("c", 3, InstanceState.Ready) with { Port = 2 },
        Info("d", 4, InstanceState.Idle) with { Port = 3, Memory = 30 },
    ];

    [Fact]
    public void With_nothing_missing_nobody_goes() => Assert.Empty(Choose(Oldest, Instances, RoomDemand.None, Plenty));

    [Fact]
    public void For_places_the_oldest_of_that_challenge_go()
    {
        var others = Instances.Select(info => info with { Key = Keys.Of(info.Client!, 1, "other"), CreatedAt = default(DateTimeOffset) });
        Goes(Oldest, [.. others, .. Instances], Places(2), Plenty, StopCause.MaxInstances, "a", "b");
        Goes(IdleFirst, [.. others, .. Instances], Places(3), Plenty, StopCause.MaxInstances, "b", "d", "a");
    }

    [Fact]
    public void Spares_go_first_whatever_the_order()
    {
        InstanceInfo[] instances = [.. Instances, Info("e", 5, InstanceState.Warm)];
        Goes(Oldest, instances, Places(2), Plenty, StopCause.MaxInstances, "e", "a");
        Goes(IdleFirst, instances, Places(2), Plenty, StopCause.MaxInstances, "e", "b");
        Assert.Empty(Choose(Oldest, [Info("e", 5, InstanceState.Claimed)], Places(1), Plenty));
    }

    [Fact]
    public void For_ports_only_those_go_that_have_one()
    {
        Goes(Oldest, Instances, new RoomDemand(Places(0).Places, 2, 0), Plenty, StopCause.NoFreePort, "a", "c");
        Goes(IdleFirst, Instances, new RoomDemand(Places(0).Places, 2, 0), Plenty, StopCause.NoFreePort, "d", "a");
    }

    [Fact]
    public void For_memory_as_many_go_as_it_takes()
    {
        Goes(Oldest, Instances, new RoomDemand(Places(0).Places, 0, 31), Plenty, StopCause.MemoryBudget, "a", "b");
        Goes(IdleFirst, Instances, new RoomDemand(Places(0).Places, 0, 61), Plenty, StopCause.MemoryBudget, "b", "d", "a");
    }

    [Fact]
    public void Low_memory_culls_up_to_the_other_mark_and_one_without_a_limit_is_enough_at_a_time()
    {
        Goes(Oldest, Instances, RoomDemand.None, new MemoryReading(99, 1000), StopCause.LowMemory, "a", "b");
        Goes(Oldest, [Instances[2], Instances[3]], RoomDemand.None, new MemoryReading(1, 1000), StopCause.LowMemory, "c");
        Goes(IdleFirst, Instances, RoomDemand.None, new MemoryReading(99, 1000), StopCause.LowMemory, "b", "d");
        Assert.Empty(Choose(Oldest, Instances, RoomDemand.None, new MemoryReading(100, 1000)));
    }

    [Fact]
    public void What_stops_already_counts()
    {
        var stopping = Instances[0] with { State = InstanceState.Stopping };
        Goes(Oldest, [stopping, .. Instances[1..]], Places(2), Plenty, StopCause.MaxInstances, "b");
        Assert.Empty(Choose(Oldest, [stopping, .. Instances[1..]], Places(1), Plenty));
    }

    [Theory]
    [InlineData(InstanceState.Queued)]
    [InlineData(InstanceState.Starting)]
    [InlineData(InstanceState.Failed)]
    [InlineData(InstanceState.Stopping)]
    public void What_is_not_ready_never_goes(InstanceState state)
        => Assert.Empty(Choose(
            Oldest, [.. Instances.Select(info => info with { State = state })], new RoomDemand(Places(4).Places, 9, 999), new MemoryReading(0, 1)));

    [Fact]
    public void A_victim_for_one_cause_counts_for_the_next()
    {
        var victims = Choose(Oldest, Instances, new RoomDemand(Places(1).Places, 1, 30), Plenty);
        Assert.Equal(new Victim(Keys.Of("a"), StopCause.MaxInstances, WasIdle: false), Assert.Single(victims));
    }

    [Fact]
    public void A_victim_is_marked_as_idle_so_that_it_is_spared_when_it_no_longer_is()
        => Assert.Equal([true, true, false], Choose(IdleFirst, Instances, Places(3), Plenty).Select(victim => victim.WasIdle));

    [Fact]
    public void It_chooses_what_trying_every_number_of_victims_finds()
        => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            var options = random.Next(2) == 0 ? Oldest : IdleFirst;
            var instances = Enumerable.Range(0, random.Next(12)).Select(i => RandomInfo(random, i)).ToArray();
            random.Shuffle(instances);
            var demand = new RoomDemand(
                new Dictionary<string, int> { [Keys.Challenge] = random.Next(5), ["other"] = random.Next(3) },
                random.Next(5),
                random.Next(200));
            var memory = new MemoryReading(random.Next(200), 1000);
            Assert.Equal(
                BruteForce(options, instances, demand, memory),
                Choose(options, instances, demand, memory));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    private static IReadOnlyList<Victim> Choose(ReaperOptions options, InstanceInfo[] instances, RoomDemand demand, MemoryReading memory)
        => ReaperPolicy.Choose(options, [.. instances.Select(instance => new Candidate(instance))], demand, memory);

    private static void Goes(
        ReaperOptions options, InstanceInfo[] instances, RoomDemand demand, MemoryReading memory, StopCause cause, params string[] names)
    {
        var victims = Choose(options, instances, demand, memory);
        Assert.Equal(names.Select(name => Keys.Of(name)), victims.Select(victim => victim.Key));
        Assert.All(victims, victim => Assert.Equal(cause, victim.Cause));
    }

    /// <summary>Cause by cause: the shortest beginning of the order that, with all that goes already, is enough; all of it if none is.</summary>
    private static List<Victim> BruteForce(
        ReaperOptions options, InstanceInfo[] instances, RoomDemand demand, MemoryReading memory)
    {
        var inOrder = instances.OrderBy(info => info.CreatedAt).ToList();
        if (options.Order == ReapOrder.OldestIdleFirst)
        {
            inOrder = [.. inOrder.Where(info => info.State == InstanceState.Idle), .. inOrder.Where(info => info.State != InstanceState.Idle)];
        }

        inOrder = [.. inOrder.Where(info => info.State == InstanceState.Warm), .. inOrder.Where(info => info.State != InstanceState.Warm)];
        var low = options.EnoughAvailableMemory - memory.Available;
        var causes = demand.Places
            .Select(places => (StopCause.MaxInstances, (long)places.Value, Gives: (Func<InstanceInfo, long>)(info => info.Key.Challenge == places.Key ? 1 : 0)))
            .Append((StopCause.NoFreePort, demand.Ports, info => info.Port.HasValue ? 1 : 0))
            .Append((StopCause.MemoryBudget, demand.Memory, info => info.Memory.GetValueOrDefault()))
            .Append((StopCause.LowMemory, memory.Available < options.MinAvailableMemory ? low : 0, info => info.Memory ?? low));
        var chosen = new Dictionary<InstanceKey, StopCause>();
        foreach (var (cause, missing, gives) in causes)
        {
            var candidates = inOrder
                .Where(info => info.State is InstanceState.Ready or InstanceState.Idle or InstanceState.Warm && !chosen.ContainsKey(info.Key) && gives(info) > 0)
                .ToList();
            var going = instances.Where(info => info.State == InstanceState.Stopping || chosen.ContainsKey(info.Key)).Sum(gives);
            var enough = Enumerable.Range(0, candidates.Count + 1)
                .Where(count => going + candidates.Take(count).Sum(gives) >= missing)
                .DefaultIfEmpty(candidates.Count)
                .First();
            candidates.Take(enough).ToList().ForEach(info => chosen.Add(info.Key, cause));
        }

        return [.. inOrder.Where(info => chosen.ContainsKey(info.Key))
            .Select(info => new Victim(info.Key, chosen[info.Key], info.State != InstanceState.Ready))];
    }

    private static InstanceInfo RandomInfo(Random random, int number)
    {
        var state = (InstanceState)random.Next(Enum.GetValues<InstanceState>().Length);
        return Info($"client-{number}", age: random.Next(8), state) with
        {
            Key = Keys.Of($"client-{number}", 1, random.Next(3) == 0 ? "other" : Keys.Challenge),
            Port = random.Next(2) == 0 ? number : null,
            Memory = random.Next(3) == 0 ? null : random.Next(60),
        };
    }

    private static InstanceInfo Info(string name, int age, InstanceState state) => new()
    {
        Key = Keys.Of(name),
        Client = name,
        State = state,
        CreatedAt = new DateTimeOffset(2030, 1, 1, 0, 0, age, TimeSpan.Zero),
    };

    private static RoomDemand Places(int count) => new(new Dictionary<string, int> { [Keys.Challenge] = count }, 0, 0);
}
