using Instancer.TestKit;

namespace Instancer.Actors.Tests.Domain;

public sealed class StartTests
{
    [Fact]
    public void Two_hundred_clients_at_once_for_one_key_are_one_start()
    {
        var lab = new RegistryLab(RegistryLab.Options(), prepare: Holding);
        var connections = Enumerable.Range(0, 200).Select(_ => lab.Connect(Keys.Of("ann"))).ToList();
        Assert.Single(lab.Runtime.Starts);
        lab.Runtime.AnswerOne();
        lab.Actors.Run();
        Assert.All(connections, connection => Assert.NotNull(connection.Granted()));
        Assert.Single(connections.Select(connection => connection.Granted()).Distinct());
        Assert.Equal(200, Assert.Single(lab.Instances).Sessions);
        Assert.Single(lab.Runtime.Starts);
    }

    [Fact]
    public void Two_hundred_keys_start_so_many_at_a_time_in_turn_between_tokens_and_all_are_served()
    {
        const int AtOnce = 8;
        var options = RegistryLab.Options() with { StartQueue = new StartQueueOptions { ConcurrentStarts = AtOnce } };
        var lab = new RegistryLab(options, prepare: Holding);
        // One client asks for a hundred instances, then a hundred clients for one each.
        var greedy = Enumerable.Range(1, 100).Select(i => Keys.Of("greedy", i)).ToList();
        var modest = Enumerable.Range(1, 100).Select(i => Keys.Of($"modest-{i}")).ToList();
        var connections = greedy.Concat(modest).Select(key => lab.Connect(key)).ToList();
        var started = new List<InstanceKey>();
        while (lab.Runtime.Held > 0)
        {
            Assert.Equal(Math.Min(AtOnce, 200 - started.Count), lab.Runtime.Held);
            started.Add(lab.Runtime.AnswerOne());
            lab.Actors.Run();
        }

        Assert.All(connections, connection => Assert.NotNull(connection.Granted()));
        // The greedy one had the place to itself at first; then it stands at the end of every round: once the round of a hundred is over, it goes on.
        var expected = greedy.Take(AtOnce + 1).Concat(modest).Concat(greedy.Skip(AtOnce + 1));
        Assert.Equal(expected, started);
        Assert.Equal(started, lab.Runtime.Starts);
    }

    [Fact]
    public void A_client_past_the_queues_bound_is_closed_at_once()
    {
        var options = RegistryLab.Options() with { StartQueue = new StartQueueOptions { ConcurrentStarts = 1, Length = 3 } };
        var lab = new RegistryLab(options, prepare: Holding);
        var connections = Enumerable.Range(1, 5).Select(i => lab.Connect(Keys.Of($"client-{i}"))).ToList();
        Assert.Equal("the start queue is full", connections[4].Denied());
        Assert.All(connections.Take(4), connection => Assert.Empty(connection.Answers()));
        while (lab.Runtime.Held > 0)
        {
            lab.Runtime.AnswerOne();
            lab.Actors.Run();
        }

        Assert.All(connections.Take(4), connection => Assert.NotNull(connection.Granted()));
        var again = lab.Connect(Keys.Of("client-5"));
        lab.Runtime.AnswerOne();
        lab.Actors.Run();
        Assert.NotNull(again.Granted());
    }

    [Fact]
    public void A_client_that_waits_past_the_queues_deadline_is_closed_on_the_tick_and_its_start_is_not_wanted_any_more()
    {
        var options = RegistryLab.Options(RegistryLab.Challenge() with { StartTimeout = TimeSpan.FromHours(1) }) with
        {
            StartQueue = new StartQueueOptions { ConcurrentStarts = 1, Timeout = TimeSpan.FromSeconds(10) },
        };
        var lab = new RegistryLab(options, prepare: Holding);
        lab.Connect(Keys.Of("first"));
        var second = lab.Connect(Keys.Of("second"));
        lab.Actors.AdvanceSeconds(4);
        var third = lab.Connect(Keys.Of("second"));
        lab.Actors.Advance(TimeSpan.FromSeconds(6) - TimeSpan.FromTicks(1));
        Assert.Empty(second.Answers());
        lab.Actors.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("waited too long for room", second.Denied());
        Assert.Empty(third.Answers());
        lab.Actors.AdvanceSeconds(4);
        Assert.Equal("waited too long for room", third.Denied());
        lab.Runtime.AnswerOne();
        lab.Actors.Run();
        Assert.Equal([Keys.Of("first")], lab.Runtime.Starts);
    }

    [Fact]
    public void A_client_that_goes_away_while_it_waits_for_its_turn_starts_nothing()
    {
        var options = RegistryLab.Options() with { StartQueue = new StartQueueOptions { ConcurrentStarts = 1 } };
        var lab = new RegistryLab(options, prepare: Holding);
        lab.Connect(Keys.Of("first"));
        lab.Disconnect(lab.Connect(Keys.Of("second")));
        lab.Runtime.AnswerOne();
        lab.Actors.Run();
        Assert.Equal([Keys.Of("first")], lab.Runtime.Starts);
        Assert.Single(lab.Instances);
    }

    [Fact]
    public void A_start_past_its_deadline_is_given_up_and_its_clients_are_told_why()
    {
        var lab = new RegistryLab(
            RegistryLab.Options(RegistryLab.Challenge() with { StartTimeout = TimeSpan.FromSeconds(30) }), prepare: Holding);
        var connection = lab.Connect(Keys.Of("ann"));
        lab.Actors.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        Assert.Empty(connection.Answers());
        lab.Actors.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("given up", connection.Denied());
        Assert.Single(lab.Runtime.Stops);
    }

    [Fact]
    public void Three_failed_starts_and_the_key_backs_off_and_closes_clients_at_once_for_a_second_and_then_for_twice_as_long()
    {
        var lab = new RegistryLab(RegistryLab.Options());
        var key = Keys.Of("ann");
        lab.Runtime.StartFailure = "no such image";
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("no such image", lab.Connect(key).Denied());
        }

        foreach (var seconds in (int[])[1, 2, 4, 8, 16, 32, 60, 60])
        {
            var starts = lab.Runtime.Starts.Count;
            lab.Actors.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            Assert.Equal("backing off after failed starts: no such image", lab.Connect(key).Denied());
            Assert.Equal(starts, lab.Runtime.Starts.Count);
            lab.Actors.Advance(TimeSpan.FromTicks(1));
            Assert.Equal("no such image", lab.Connect(key).Denied());
            Assert.Equal(starts + 1, lab.Runtime.Starts.Count);
        }

        lab.Runtime.StartFailure = null;
        Assert.NotNull(lab.Connect(Keys.Of("somebody else")).Granted());
        lab.Actors.AdvanceSeconds(60);
        Assert.NotNull(lab.Connect(key).Granted());
    }

    [Fact]
    public void A_runtime_that_has_not_said_what_it_has_serves_nobody_and_is_asked_again_at_the_next_request()
    {
        var lab = new RegistryLab(RegistryLab.Options(), prepare: runtime => runtime.ListFailure = "the engine does not answer");
        Assert.Equal("the engine does not answer", lab.Connect(Keys.Of("ann")).Denied());
        Assert.Empty(lab.Runtime.Starts);
        lab.Runtime.ListFailure = null;
        Assert.NotNull(lab.Connect(Keys.Of("ann")).Granted());
    }

    private static void Holding(ScriptedRuntime runtime) => runtime.HoldsStarts = true;
}
