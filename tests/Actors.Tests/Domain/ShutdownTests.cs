using Instancer.Actors.Registry;

namespace Instancer.Actors.Tests.Domain;

public sealed class ShutdownTests
{
    private readonly RegistryLab _lab = new(
        RegistryLab.Options() with { StartQueue = new StartQueueOptions { ConcurrentStarts = 1 } });

    [Fact]
    public void Backends_that_do_not_outlive_the_node_are_removed_before_the_shutdown_is_answered()
    {
        _lab.Connect(Keys.Of("ann"));
        _lab.Disconnect(_lab.Connect(Keys.Of("bob")));
        Assert.True(ShutDown());
        Assert.Equal(2, _lab.Runtime.Stops.Count);
        Assert.Empty(_lab.Runtime.Running);
    }

    [Fact]
    public void Backends_that_outlive_the_node_stay()
    {
        _lab.Runtime.SurvivesRestart = true;
        _lab.Connect(Keys.Of("ann"));
        Assert.True(ShutDown());
        Assert.Empty(_lab.Runtime.Stops);
        Assert.Single(_lab.Runtime.Running);
    }

    [Fact]
    public void Starts_are_given_up_and_all_who_wait_are_told()
    {
        _lab.Runtime.HoldsStarts = true;
        var starting = _lab.Connect(Keys.Of("ann"));
        var queued = _lab.Connect(Keys.Of("bob"));
        Assert.True(ShutDown());
        Assert.NotNull(starting.Denied());
        Assert.NotNull(queued.Denied());
        Assert.Empty(_lab.Runtime.Running);
        Assert.Equal("the node stops", _lab.Connect(Keys.Of("cid")).SentAway());
        Assert.Single(_lab.Runtime.Starts);
    }

    [Fact]
    public void A_node_with_nothing_answers_at_once() => Assert.True(ShutDown());

    private bool ShutDown() => _lab.IsAnswered<ShutDown>(reply => new RegistryMessage.Shutdown(reply));
}
