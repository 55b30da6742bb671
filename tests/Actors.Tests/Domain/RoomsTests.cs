using Instancer.Actors.Instances;
using Instancer.Actors.Registry;
using Instancer.TestKit;

namespace Instancer.Actors.Tests.Domain;

public sealed class RoomsTests
{
    private readonly VirtualTime _time = new();

    [Fact]
    public void A_port_is_taken_only_for_what_needs_one()
    {
        var rooms = Rooms(Challenge("with", needsPort: true), Challenge("without"));
        Assert.Equal(100, rooms.Take(Keys.Of("ann", 1, "with")));
        Assert.Null(rooms.Take(Keys.Of("ann", 1, "without")));
        Assert.Equal((2, 1), (rooms.Count, rooms.Ports.Leases.Count));
    }

    [Fact]
    public void A_challenges_places_are_its_own()
    {
        var rooms = Rooms(Challenge("a") with { MaxInstances = 1 }, Challenge("b"));
        rooms.Take(Keys.Of("ann", 1, "a"));
        Assert.False(rooms.Has("a"));
        Assert.True(rooms.Has("b"));
        Assert.True(rooms.Return(Keys.Of("ann", 1, "a")));
        Assert.True(rooms.Has("a"));
    }

    [Fact]
    public void Without_a_free_port_only_what_needs_none_has_room()
    {
        var rooms = Rooms(Challenge("with", needsPort: true), Challenge("without"));
        rooms.Take(Keys.Of("ann", 1, "with"));
        rooms.Take(Keys.Of("ann", 2, "with"));
        Assert.False(rooms.Has("with"));
        Assert.True(rooms.Has("without"));
    }

    [Fact]
    public void The_memory_budget_is_spent_to_the_byte_and_not_past_it()
    {
        var rooms = Rooms(new ReaperOptions { MemoryBudget = 100 }, Challenge("half", memory: 50), Challenge("tiny", memory: 1));
        rooms.Take(Keys.Of("ann", 1, "half"));
        Assert.True(rooms.Has("half"));
        rooms.Take(Keys.Of("ann", 2, "half"));
        Assert.False(rooms.Has("tiny"));
        rooms.Return(Keys.Of("ann", 1, "half"));
        Assert.True(rooms.Has("half"));
    }

    [Fact]
    public void Room_is_given_back_once()
    {
        var rooms = Rooms(Challenge("a", needsPort: true, memory: 10));
        rooms.Take(Keys.Of("ann", 1, "a"));
        Assert.True(rooms.IsTaken(Keys.Of("ann", 1, "a")));
        Assert.True(rooms.Return(Keys.Of("ann", 1, "a")));
        Assert.False(rooms.Return(Keys.Of("ann", 1, "a")));
        Assert.Equal((0, 2), (rooms.Count, rooms.Ports.Free));
    }

    [Fact]
    public void What_was_there_before_counts_once_and_not_on_anothers_port()
    {
        var rooms = Rooms(Challenge("a", needsPort: true));
        Assert.True(rooms.Occupy(Keys.Of("ann", 1, "a"), 101));
        Assert.True(rooms.Occupy(Keys.Of("ann", 1, "a"), 101));
        Assert.False(rooms.Occupy(Keys.Of("bob", 1, "a"), 101));
        Assert.Equal(1, rooms.Count);
    }

    [Fact]
    public void The_demand_is_what_is_missing_for_so_many_starts()
    {
        var rooms = Rooms(
            new ReaperOptions { MemoryBudget = 100 },
            Challenge("a", needsPort: true, memory: 30) with { MaxInstances = 2 },
            Challenge("b", needsPort: true));
        rooms.Take(Keys.Of("ann", 1, "a"));
        rooms.Take(Keys.Of("ann", 2, "a"));
        var demand = rooms.Demand(new Dictionary<string, int> { ["a"] = 3, ["b"] = 1 });
        Assert.Equal((3, 0), (demand.Places["a"], demand.Places["b"]));
        Assert.Equal((4, 50), (demand.Ports, demand.Memory));
    }

    [Fact]
    public void Without_starts_nothing_is_missing()
    {
        var demand = Rooms(Challenge("a", needsPort: true, memory: 1)).Demand(new Dictionary<string, int> { ["a"] = 1 });
        Assert.Equal((0, 0, 0), (demand.Places["a"], demand.Ports, demand.Memory));
    }

    private Rooms Rooms(params Challenge[] challenges) => Rooms(new ReaperOptions(), challenges);

    private Rooms Rooms(ReaperOptions reaper, params Challenge[] challenges)
    {
        var options = new NodeOptions { Challenges = challenges, Reaper = reaper, Ports = new PortRange(100, 101) };
        var runtime = new ScriptedRuntime(_time);
        return new Rooms(options, new Dictionary<string, IInstanceRuntime> { [runtime.Name] = runtime }, _time);
    }

    private static Challenge Challenge(string name, bool needsPort = false, long? memory = null)
        => RegistryLab.Challenge(needsPort, memory) with { Name = name };
}
