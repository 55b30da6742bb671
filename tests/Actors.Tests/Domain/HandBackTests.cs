using Instancer.Actors.Registry;

namespace Instancer.Actors.Tests.Domain;

/// <summary>A node that leaves the cluster gives its keys up, each as soon as nobody is served under it.</summary>
public sealed class HandBackTests
{
    private readonly ScriptedOwnership _ownership = new();

    [Fact]
    public void What_is_idle_is_given_up_at_once_and_stays_for_the_next_start()
    {
        var lab = Lab(survivesRestart: true);
        lab.Disconnect(lab.Connect(Keys.Of("ann")));
        HandBack(lab);
        Assert.Equal([(Keys.Of("ann"), "backend-1")], _ownership.Leaves);
        Assert.Equal([Keys.Of("ann")], lab.Runtime.Running);
        Assert.Empty(lab.Instances);
        Assert.Empty(lab.Runtime.Stops);
    }

    [Fact]
    public void What_serves_is_given_up_when_its_last_session_has_ended()
    {
        var lab = Lab(survivesRestart: true);
        var (first, second) = (lab.Connect(Keys.Of("ann")), lab.Connect(Keys.Of("ann")));
        HandBack(lab);
        Assert.Null(first.Revoked());
        lab.Disconnect(first);
        Assert.Empty(_ownership.Leaves);

        // Who is passed on to it meanwhile meets what the key's other clients meet.
        var third = lab.Connect(Keys.Of("ann"), isForwarded: true);
        Assert.NotNull(third.Granted());
        lab.Disconnect(second);
        lab.Disconnect(third);
        Assert.Equal([(Keys.Of("ann"), "backend-1")], _ownership.Leaves);
        Assert.Equal([Keys.Of("ann")], lab.Runtime.Running);
    }

    [Fact]
    public void No_key_is_taken_on_any_more_and_who_asks_is_told_to_ask_again()
    {
        var lab = Lab(survivesRestart: true);
        HandBack(lab);
        Assert.NotNull(lab.Connect(Keys.Of("bob"), isForwarded: true).SentAway());
        Assert.Empty(_ownership.Claims);
        Assert.Empty(lab.Runtime.Starts);
    }

    [Fact]
    public void What_does_not_outlive_the_node_is_removed_before_its_key_is_given_up()
    {
        var lab = Lab(survivesRestart: false);
        lab.Disconnect(lab.Connect(Keys.Of("ann")));
        HandBack(lab);
        Assert.Empty(lab.Runtime.Running);
        Assert.Equal([Keys.Of("ann")], _ownership.Releases);
    }

    [Fact]
    public void What_is_left_is_not_taken_for_lost_by_the_next_look_at_the_runtime()
    {
        var lab = Lab(survivesRestart: true);
        lab.Disconnect(lab.Connect(Keys.Of("ann")));
        HandBack(lab);
        lab.Actors.AdvanceSeconds(100);
        Assert.Equal([Keys.Of("ann")], lab.Runtime.Running);
        Assert.Single(_ownership.Claims);
    }

    private static void HandBack(RegistryLab lab) => lab.Actors.Tell(lab.Registry, new RegistryMessage.HandBack());

    private RegistryLab Lab(bool survivesRestart)
        => new(RegistryLab.Options(), prepare: runtime => runtime.SurvivesRestart = survivesRestart, ownership: _ownership);
}
