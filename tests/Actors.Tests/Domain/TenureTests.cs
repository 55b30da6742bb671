using System.Net;
using Instancer.Actors.Connections;
using Instancer.Actors.Registry;

namespace Instancer.Actors.Tests.Domain;

/// <summary>A node of several: it serves what it owns, for as long as it does.</summary>
public sealed class TenureTests
{
    private static readonly NodeAddress Other = new("node-2", new IPEndPoint(IPAddress.Loopback, 1));
    private readonly ScriptedOwnership _ownership = new();

    [Fact]
    public void A_lease_says_for_how_long_its_key_is_this_nodes()
    {
        var lab = Lab();
        var ann = lab.Connect(Keys.Of("ann"));
        Assert.Same(_ownership.Tenure, ann.Received.OfType<ConnectionMessage.LeaseGranted>().Single().Tenure);
        Assert.Equal((Keys.Of("ann"), false), Assert.Single(_ownership.Claims));
    }

    [Fact]
    public void A_client_whose_key_is_another_nodes_is_told_whose_and_nothing_is_started()
    {
        _ownership.Owner = new KeyOwner.Elsewhere(Other, "it is node-2's");
        var lab = Lab();
        var ann = lab.Connect(Keys.Of("ann"));
        Assert.Equal(Other, ann.Received.OfType<ConnectionMessage.LeaseElsewhere>().Single().Node);
        Assert.Empty(lab.Runtime.Starts);
        Assert.Empty(lab.Instances);
    }

    [Fact]
    public void What_another_node_passes_on_is_claimed_for_this_one_and_for_no_third()
    {
        var lab = Lab();
        Assert.NotNull(lab.Connect(Keys.Of("ann"), isForwarded: true).Granted());
        Assert.Equal((Keys.Of("ann"), true), Assert.Single(_ownership.Claims));
    }

    [Fact]
    public void When_the_place_is_lost_sessions_end_and_backends_go_and_the_next_client_is_claimed_for_anew()
    {
        var lab = Lab();
        var ann = lab.Connect(Keys.Of("ann"));
        _ownership.LosePlace();
        lab.Actors.Tell(lab.Registry, new RegistryMessage.CheckTenure());
        Assert.Equal("Fenced", ann.Revoked());
        Assert.Empty(lab.Runtime.Running);
        Assert.NotNull(lab.Connect(Keys.Of("ann")).Granted());
        Assert.Equal(2, lab.Runtime.Starts.Count);
        Assert.Equal(2, _ownership.Claims.Count);
    }

    [Fact]
    public void Nothing_ends_while_the_place_holds()
    {
        var lab = Lab();
        var ann = lab.Connect(Keys.Of("ann"));
        lab.Actors.Tell(lab.Registry, new RegistryMessage.CheckTenure());
        Assert.Null(ann.Revoked());
        Assert.Single(lab.Runtime.Running);
    }

    [Fact]
    public void Should_the_news_be_lost_it_is_noticed_all_the_same()
    {
        var lab = Lab();
        var ann = lab.Connect(Keys.Of("ann"));
        _ownership.LosePlace();
        lab.Actors.AdvanceSeconds(31);
        Assert.Equal("Fenced", ann.Revoked());
        Assert.Empty(lab.Runtime.Running);
    }

    [Fact]
    public void A_start_under_way_and_one_that_waits_for_its_turn_are_given_up_with_the_place()
    {
        var options = RegistryLab.Options() with { StartQueue = new StartQueueOptions { ConcurrentStarts = 1 } };
        var lab = new RegistryLab(options, prepare: runtime => runtime.HoldsStarts = true, ownership: _ownership);
        var (starting, queued) = (lab.Connect(Keys.Of("ann")), lab.Connect(Keys.Of("bob")));
        _ownership.LosePlace();
        lab.Actors.Tell(lab.Registry, new RegistryMessage.CheckTenure());
        Assert.NotNull(starting.SentAway());
        Assert.NotNull(queued.SentAway());
        Assert.Equal([Keys.Of("ann")], lab.Runtime.Stops.Select(stop => stop.Key));
        Assert.Empty(lab.Instances);
    }

    [Fact]
    public void A_claim_that_is_answered_after_its_place_was_lost_makes_no_owner()
    {
        _ownership.Holds = true;
        var lab = Lab();
        var ann = lab.Connect(Keys.Of("ann"));
        var late = _ownership.Tenure;
        _ownership.AnswerOne();
        late.Holds = false;
        lab.Actors.Run();
        Assert.NotNull(ann.SentAway());
        Assert.Empty(lab.Runtime.Starts);
    }

    [Fact]
    public void Spares_are_nobodys_and_stay()
    {
        var lab = new RegistryLab(RegistryLab.Options(RegistryLab.Challenge() with { Warm = 2 }), ownership: _ownership);
        _ownership.LosePlace();
        lab.Actors.Tell(lab.Registry, new RegistryMessage.CheckTenure());
        Assert.Equal(2, lab.Runtime.Running.Count);
        Assert.Empty(_ownership.Claims);
    }

    [Fact]
    public void What_an_earlier_life_left_waits_until_it_is_known_whose_it_is()
    {
        _ownership.Owner = new KeyOwner.Elsewhere(null, "the earlier place is not over yet");
        var lab = new RegistryLab(RegistryLab.Options(), prepare: runtime => runtime.Plant(Keys.Of("ann"), new(2030, 1, 1, 0, 0, 0, default)), ownership: _ownership);
        lab.Actors.AdvanceSeconds(10);
        Assert.Single(lab.Runtime.Running);
        Assert.Equal((Keys.Of("ann"), "backend-1"), Assert.Single(_ownership.Reclaims.Distinct()));
        _ownership.Owner = null;
        lab.Actors.AdvanceSeconds(2);
        Assert.NotNull(lab.Connect(Keys.Of("ann")).Granted());
        Assert.Empty(lab.Runtime.Starts);
    }

    [Fact]
    public void What_an_earlier_life_left_goes_if_its_key_is_another_nodes()
    {
        _ownership.Owner = new KeyOwner.Elsewhere(Other, "it is node-2's");
        var lab = new RegistryLab(RegistryLab.Options(), prepare: runtime => runtime.Plant(Keys.Of("ann"), new(2030, 1, 1, 0, 0, 0, default)), ownership: _ownership);
        lab.Actors.AdvanceSeconds(1);
        Assert.Empty(lab.Runtime.Running);
    }

    [Fact]
    public void What_an_earlier_life_left_goes_if_somebody_has_had_its_key_since_and_who_waits_gets_another()
    {
        _ownership.Superseded = "node-2 has had it";
        var lab = new RegistryLab(RegistryLab.Options(), prepare: runtime => runtime.Plant(Keys.Of("ann"), new(2030, 1, 1, 0, 0, 0, default)), ownership: _ownership);
        Assert.NotNull(lab.Connect(Keys.Of("ann")).Granted());
        Assert.Equal([Keys.Of("ann")], lab.Runtime.Starts);
        Assert.Single(lab.Runtime.Stops);
    }

    [Fact]
    public void What_an_earlier_life_left_stays_if_the_node_stops_before_it_is_known_whose_it_is()
    {
        _ownership.Owner = new KeyOwner.Elsewhere(null, "the store does not answer");
        var lab = new RegistryLab(RegistryLab.Options(), prepare: Prepare, ownership: _ownership);
        lab.Actors.AdvanceSeconds(3);
        lab.Ask<ShutDown>(reply => new RegistryMessage.Shutdown(reply));
        Assert.Single(lab.Runtime.Running);

        static void Prepare(TestKit.ScriptedRuntime runtime)
        {
            runtime.SurvivesRestart = true;
            runtime.Plant(Keys.Of("ann"), new(2030, 1, 1, 0, 0, 0, default));
        }
    }

    private RegistryLab Lab() => new(RegistryLab.Options(), ownership: _ownership);
}
