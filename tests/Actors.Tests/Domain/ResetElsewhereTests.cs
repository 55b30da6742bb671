using Instancer.Actors.Registry;

namespace Instancer.Actors.Tests.Domain;

/// <summary>A reset of one of several nodes: what the others have goes first.</summary>
public sealed class ResetElsewhereTests
{
    private readonly ScriptedOwnership _ownership = new() { Resets = new TaskCompletionSource<string?>() };

    [Fact]
    public void Nothing_is_served_before_the_others_have_removed_what_they_have()
    {
        var lab = Lab();
        lab.Connect(Keys.Of("ann"));
        var reset = lab.Connect(Keys.Of("ann", identifier: 0));
        Assert.Empty(reset.Answers());
        Assert.Single(lab.Runtime.Running);
        _ownership.Resets!.SetResult(null);
        lab.Actors.Run();
        Assert.NotNull(reset.Granted());
        Assert.Equal([Keys.Of("ann", identifier: 0)], lab.Runtime.Running);
    }

    [Fact]
    public void If_it_is_not_certain_that_they_have_the_client_is_closed()
    {
        var lab = Lab();
        var reset = lab.Connect(Keys.Of("ann", identifier: 0));
        _ownership.Resets!.SetResult("the store does not answer");
        lab.Actors.Run();
        Assert.Equal("the store does not answer", reset.Denied());
        Assert.Empty(lab.Runtime.Starts);
    }

    [Fact]
    public void Nobody_waits_for_them_for_ever()
    {
        var lab = Lab();
        var reset = lab.Connect(Keys.Of("ann", identifier: 0));
        lab.Actors.AdvanceSeconds(61);
        Assert.Contains("within 00:01:00", reset.Denied(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_another_node_passes_on_has_been_reset_by_that_one()
    {
        var lab = Lab();
        lab.Connect(Keys.Of("ann"));
        Assert.NotNull(lab.Connect(Keys.Of("ann", identifier: 0), isForwarded: true).Granted());
        Assert.Equal(2, lab.Runtime.Running.Count);
    }

    [Fact]
    public void Who_asks_again_has_had_his_reset()
    {
        var lab = Lab();
        lab.Connect(Keys.Of("ann"));
        var again = lab.Actors.Probe<Connections.ConnectionMessage>();
        lab.Actors.Tell(lab.Registry, new RegistryMessage.Acquire(Keys.Of("ann", identifier: 0), null, again.Ref) { IsAgain = true });
        Assert.NotNull(again.Granted());
        Assert.Equal(2, lab.Runtime.Running.Count);
    }

    [Fact]
    public void Another_nodes_reset_ends_when_the_backend_here_is_gone()
    {
        var lab = Lab();
        var ann = lab.Connect(Keys.Of("ann"));
        Assert.True(lab.Ask<bool>(reply => new RegistryMessage.Stop(Keys.Of("ann"), Reaping.StopCause.Reset, reply)));
        Assert.Equal("Reset", ann.Revoked());
        Assert.Empty(lab.Runtime.Running);
        Assert.False(lab.Ask<bool>(reply => new RegistryMessage.Stop(Keys.Of("ann"), Reaping.StopCause.Reset, reply)));
    }

    private RegistryLab Lab() => new(RegistryLab.Options(), ownership: _ownership);
}
