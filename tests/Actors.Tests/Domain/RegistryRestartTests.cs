using Instancer.Actors.Registry;

namespace Instancer.Actors.Tests.Domain;

/// <summary>The registry fails and is restarted while instances live: it asks them what they are, and goes on as before.</summary>
public sealed class RegistryRestartTests
{
    private readonly RegistryLab _lab = new(
        RegistryLab.Options(RegistryLab.Challenge(needsPort: true)) with
        {
            Ports = new PortRange(20000, 20002),
            StartQueue = new StartQueueOptions { ConcurrentStarts = 1, Timeout = TimeSpan.FromHours(1) },
        });

    [Fact]
    public void Sessions_and_backends_outlive_the_restart()
    {
        var session = _lab.Connect(Keys.Of("ann"));
        var before = Assert.Single(_lab.Instances);
        Restart();
        Assert.Empty(_lab.Runtime.Stops);
        Assert.Single(session.Answers());
        Assert.Equal(before, Assert.Single(_lab.Instances));
        Assert.Equal(session.Granted(), _lab.Connect(Keys.Of("ann")).Granted());
        Assert.Single(_lab.Runtime.Starts);
    }

    [Fact]
    public void Ports_that_live_instances_hold_are_not_handed_out_again()
    {
        _lab.Connect(Keys.Of("ann"));
        _lab.Connect(Keys.Of("bob"));
        Restart();
        _lab.Connect(Keys.Of("cid"));
        Assert.Equal([20000, 20001, 20002], _lab.Instances.Select(instance => instance.Port!.Value).Order());
    }

    [Fact]
    public void A_start_under_way_still_counts_and_one_that_waits_still_has_its_turn()
    {
        _lab.Runtime.HoldsStarts = true;
        var first = _lab.Connect(Keys.Of("ann"));
        var second = _lab.Connect(Keys.Of("bob"));
        Restart();
        Assert.Single(_lab.Runtime.Starts);
        _lab.Runtime.AnswerOne();
        _lab.Actors.Run();
        Assert.NotNull(first.Granted());
        Assert.Equal(2, _lab.Runtime.Starts.Count);
        _lab.Runtime.AnswerOne();
        _lab.Actors.Run();
        Assert.NotNull(second.Granted());
    }

    [Fact]
    public void A_request_that_comes_while_it_recovers_is_served_after_it()
    {
        var ann = _lab.Connect(Keys.Of("ann"));
        Fail();
        var again = _lab.Connect(Keys.Of("ann"));
        var other = _lab.Connect(Keys.Of("bob"));
        Assert.Empty(again.Answers());
        _lab.Actors.AdvanceSeconds(1);
        Assert.Equal(ann.Granted(), again.Granted());
        Assert.NotNull(other.Granted());
    }

    [Fact]
    public void An_instance_that_ends_while_the_registry_is_down_gives_its_room_back()
    {
        var first = _lab.Connect(Keys.Of("ann"));
        _lab.Connect(Keys.Of("bob"));
        _lab.Connect(Keys.Of("cid"));
        Fail();
        _lab.Runtime.Exit(Keys.Of("bob"));
        _lab.Actors.AdvanceSeconds(1);
        Assert.NotNull(_lab.Connect(Keys.Of("dan")).Granted());
        Assert.Null(first.Revoked());
    }

    private void Restart()
    {
        Fail();
        _lab.Actors.AdvanceSeconds(1);
        Assert.Single(_lab.Actors.Log.Of(303));
    }

    /// <summary>The runtime's bug is the registry's failure; its restart waits for some milliseconds.</summary>
    private void Fail()
    {
        _lab.Runtime.ThrowsAtNextList = true;
        _lab.Actors.Tell(_lab.Registry, new RegistryMessage.Reconcile());
    }
}
