using Instancer.TestKit;

namespace Instancer.Actors.Tests.Runtime;

public sealed class StashTests
{
    private readonly ActorLab _lab = new();
    private readonly List<string> _log = [];
    private bool _open;

    [Fact]
    public void What_is_set_aside_comes_back_in_its_order_and_before_what_came_later()
    {
        var actor = _lab.Spawn(Gate);
        _lab.Tell(actor, "a", "b", "c");
        Assert.Empty(_log);
        _lab.Tell(actor, "open", "d");
        Assert.Equal(["a", "b", "c", "d"], _log);
    }

    [Fact]
    public void What_is_set_aside_again_keeps_its_order()
    {
        var actor = _lab.Spawn(Gate);
        _lab.Tell(actor, "a", "b", "unstash", "c");
        Assert.Empty(_log);
        _lab.Tell(actor, "open");
        Assert.Equal(["a", "b", "c"], _log);
    }

    [Fact]
    public void What_was_set_aside_is_handled_after_a_restart()
    {
        var actor = _lab.Spawn(Gate);
        _lab.Tell(actor, "a", "b", "fail", "open", "c");
        _lab.AdvanceSeconds(1);
        Assert.Equal(["a", "b", "c"], _log);
    }

    [Fact]
    public void What_was_set_aside_is_dead_letters_after_a_stop()
    {
        var actor = _lab.Spawn(Gate);
        _lab.Tell(actor, "a", "b");
        _lab.Stop(actor);
        Assert.Equal(2, _lab.System.DeadLetters.Count);
    }

    [Fact]
    public void Unstashing_nothing_does_nothing()
    {
        var actor = _lab.Spawn(Gate);
        _lab.Tell(actor, "unstash", "open", "a");
        Assert.Equal(["a"], _log);
    }

    private TestActor<string> Gate() => new()
    {
        OnReceive = (context, message) =>
        {
            switch (message)
            {
                case "open":
                    _open = true;
                    context.UnstashAll();
                    break;
                case "unstash":
                    context.UnstashAll();
                    break;
                case "fail":
                    throw new InvalidOperationException("planned");
                case var other when _open:
                    _log.Add(other);
                    break;
                default:
                    context.Stash(message);
                    break;
            }
        },
    };
}
