using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;

namespace Instancer.Actors.Tests.Domain;

/// <summary>Spares: kept ready, given away once, and never in anybody's way.</summary>
public sealed class SpareTests
{
    [Fact]
    public void A_client_gets_a_spare_without_a_start_and_another_is_started_in_its_place()
    {
        var lab = Lab(RegistryLab.Challenge() with { Warm = 2 });
        var spares = lab.Runtime.Starts.ToList();
        Assert.Equal(2, spares.Count);
        Assert.All(lab.Instances, info => Assert.True(info is { State: InstanceState.Warm, IsSpare: true, ExpiresAt: null }));

        var ann = lab.Connect(Keys.Of("ann"));
        Assert.NotNull(ann.Granted());
        Assert.Equal([Keys.Of("ann")], lab.Runtime.Takes);
        Assert.DoesNotContain(Keys.Of("ann"), lab.Runtime.Starts);
        // Its place is left empty for a moment, so that the start is not in the way of the client's first answers.
        Assert.Equal(2, lab.Runtime.Starts.Count);
        lab.Actors.AdvanceSeconds(1);
        Assert.Equal(3, lab.Runtime.Starts.Count);
        Assert.Equal(2, lab.Instances.Count(info => info.State == InstanceState.Warm));
        Assert.Single(spares, key => lab.Find(key) is null);
    }

    [Fact]
    public void The_life_of_a_spare_begins_when_it_is_taken()
    {
        var lab = Lab(RegistryLab.Challenge() with { Warm = 1, Ttl = TimeSpan.FromSeconds(60), IdleTimeout = TimeSpan.FromSeconds(10) });
        lab.Actors.AdvanceSeconds(500);
        Assert.Empty(lab.Runtime.Stops);
        var ann = lab.Connect(Keys.Of("ann"));
        lab.Actors.AdvanceSeconds(59);
        Assert.Null(ann.Revoked());
        lab.Actors.AdvanceSeconds(1);
        Assert.Equal("Ttl", ann.Revoked());
    }

    [Fact]
    public void The_port_goes_with_the_spare()
    {
        var lab = Lab(RegistryLab.Challenge(needsPort: true) with { Warm = 1, MaxInstances = 2 }, new PortRange(20000, 20000));
        var ann = lab.Connect(Keys.Of("ann"));
        Assert.NotNull(ann.Granted());
        Assert.Equal(20000, lab.Find(Keys.Of("ann"))!.Port);
        // There is no port for another one.
        Assert.DoesNotContain(lab.Instances, info => info.IsSpare);
        lab.Ask<bool>(reply => new RegistryMessage.Stop(Keys.Of("ann"), StopCause.Operator, reply));
        lab.Actors.AdvanceSeconds(1);
        Assert.Equal(20000, Assert.Single(lab.Instances).Port);
    }

    [Fact]
    public void Who_waits_goes_before_the_next_spare()
    {
        var options = RegistryLab.Options(RegistryLab.Challenge() with { Warm = 2, MaxInstances = 4 });
        var lab = new RegistryLab(
            options with { StartQueue = options.StartQueue with { ConcurrentStarts = 2 } }, prepare: runtime => runtime.HoldsStarts = true);
        lab.Actors.AdvanceSeconds(1);
        var ann = lab.Connect(Keys.Of("ann"));
        var bob = lab.Connect(Keys.Of("bob"));
        // The first spare and ann; one start is always left for a client.
        Assert.Equal(2, lab.Runtime.Starts.Count);
        Assert.Equal(Keys.Of("ann"), lab.Runtime.Starts[1]);
        lab.Runtime.AnswerOne();
        lab.Actors.Run();
        Assert.NotNull(bob.Granted());
        Assert.Empty(ann.Answers());
        Assert.Equal([Keys.Of("bob")], lab.Runtime.Takes);
    }

    [Fact]
    public void A_spare_of_another_challenge_goes_before_any_client()
    {
        var other = RegistryLab.Challenge(needsPort: true) with { Name = "other" };
        var options = RegistryLab.Options(RegistryLab.Challenge(needsPort: true) with { Warm = 2 }) with { Ports = new PortRange(20000, 20002) };
        var lab = new RegistryLab(options with { Challenges = [.. options.Challenges, other] });
        lab.Actors.AdvanceSeconds(1);
        var ann = lab.Connect(Keys.Of("ann", challenge: "other"));
        var bob = lab.Connect(Keys.Of("bob", challenge: "other"));
        var cid = lab.Connect(Keys.Of("cid", challenge: "other"));
        lab.Actors.AdvanceSeconds(2);
        Assert.All([ann, bob, cid], client => Assert.True(client.Granted() is not null && client.Revoked() is null));
        Assert.DoesNotContain(lab.Instances, info => info.IsSpare);
    }

    [Fact]
    public void With_memory_low_spares_go_and_none_is_started_until_it_is_not()
    {
        var options = RegistryLab.Options(RegistryLab.Challenge(memory: 40) with { Warm = 1 });
        var lab = new RegistryLab(options with { Reaper = new ReaperOptions { MinAvailableMemory = 100, EnoughAvailableMemory = 110 } });
        lab.Actors.AdvanceSeconds(1);
        lab.AvailableMemory = 99;
        lab.Actors.AdvanceSeconds(5);
        Assert.Single(lab.Runtime.Starts);
        Assert.Empty(lab.Instances);
        lab.AvailableMemory = 1000;
        lab.Actors.AdvanceSeconds(1);
        Assert.Equal(InstanceState.Warm, Assert.Single(lab.Instances).State);
    }

    [Fact]
    public void A_spare_that_does_not_start_is_tried_less_and_less_often()
    {
        var lab = new RegistryLab(RegistryLab.Options(RegistryLab.Challenge() with { Warm = 1 }), prepare: runtime => runtime.StartFailure = "no such image");
        lab.Actors.AdvanceSeconds(60);
        Assert.InRange(lab.Runtime.Starts.Count, 3, 12);
        lab.Runtime.StartFailure = null;
        lab.Actors.AdvanceSeconds(70);
        Assert.Equal(InstanceState.Warm, Assert.Single(lab.Instances).State);
    }

    [Fact]
    public void A_spare_that_cannot_be_kept_is_gone_with_its_sessions_and_counts_as_no_failed_start()
    {
        var lab = Lab(RegistryLab.Challenge() with { Warm = 1 });
        var spare = Assert.Single(lab.Instances).Key;
        lab.Runtime.Forget(spare);
        var ann = lab.Connect(Keys.Of("ann"));
        Assert.NotNull(ann.Granted());
        Assert.Equal("SpareLost", ann.Revoked());
        Assert.Null(lab.Find(Keys.Of("ann")));
        Assert.Null(lab.Find(spare));
        Assert.NotNull(lab.Connect(Keys.Of("ann")).Granted());
    }

    [Fact]
    public void A_client_is_served_by_a_spare_while_that_is_being_written_down()
    {
        var lab = Lab(RegistryLab.Challenge() with { Warm = 1 });
        lab.Runtime.HoldsTakes = true;
        var ann = lab.Connect(Keys.Of("ann"));
        Assert.NotNull(ann.Granted());
        // To the rest of the node it is a start, and the backend the spare's.
        Assert.Equal(InstanceState.Starting, lab.Find(Keys.Of("ann"))!.State);
        Assert.Single(lab.Instances, info => info.State == InstanceState.Claimed && info.BackendId is not null);
        lab.Runtime.AnswerTake();
        lab.Actors.Run();
        Assert.Null(ann.Revoked());
        Assert.Equal(InstanceState.Ready, lab.Find(Keys.Of("ann"))!.State);
    }

    [Fact]
    public void What_is_never_written_down_is_not_kept()
    {
        var lab = Lab(RegistryLab.Challenge() with { Warm = 1 });
        lab.Runtime.HoldsTakes = true;
        var ann = lab.Connect(Keys.Of("ann"));
        lab.Actors.AdvanceSeconds(60);
        Assert.Equal("SpareLost", ann.Revoked());
        Assert.Null(lab.Find(Keys.Of("ann")));
    }

    [Fact]
    public void A_stop_that_comes_while_it_is_being_written_down_leaves_nothing()
    {
        var lab = Lab(RegistryLab.Challenge() with { Warm = 1 });
        lab.Runtime.HoldsTakes = true;
        var ann = lab.Connect(Keys.Of("ann"));
        var answer = lab.IsAnswered<bool>(reply => new RegistryMessage.Stop(Keys.Of("ann"), StopCause.Operator, reply));
        lab.Actors.AdvanceSeconds(1);
        Assert.True(answer);
        Assert.Equal("Operator", ann.Revoked());
        Assert.DoesNotContain(lab.Instances, info => !info.IsSpare);
        Assert.DoesNotContain(Keys.Of("ann"), lab.Runtime.Running);
    }

    [Fact]
    public void The_node_leaves_no_spare_behind()
    {
        var lab = new RegistryLab(RegistryLab.Options(RegistryLab.Challenge() with { Warm = 2 }), prepare: runtime => runtime.SurvivesRestart = true);
        lab.Actors.AdvanceSeconds(1);
        var ann = lab.Connect(Keys.Of("ann"));
        Assert.True(lab.IsAnswered<ShutDown>(reply => new RegistryMessage.Shutdown(reply)));
        Assert.NotNull(ann.Granted());
        Assert.Equal([Keys.Of("ann")], lab.Runtime.Running);
    }

    private static RegistryLab Lab(Challenge challenge, PortRange? ports = null)
    {
        var options = RegistryLab.Options(challenge);
        var lab = new RegistryLab(ports is { } range ? options with { Ports = range } : options);
        lab.Actors.AdvanceSeconds(1);
        return lab;
    }
}
