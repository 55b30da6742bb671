using Instancer.Actors.Runtime;
using Instancer.TestKit;

namespace Instancer.Actors.Tests.Runtime;

public sealed class SupervisionTests
{
    private readonly ActorLab _lab = new();
    private readonly List<string> _log = [];
    private int _incarnations;

    [Fact]
    public void A_restart_keeps_the_mailbox_and_drops_the_message_that_failed()
    {
        var actor = _lab.Spawn(Failing);
        _lab.Tell(actor, "one", "fail", "two", "three");
        Assert.Equal(["1:one"], _log);
        _lab.AdvanceSeconds(1);
        Assert.Equal(["1:one", "restart of 1", "2:two", "2:three"], _log);
    }

    [Fact]
    public void A_restart_keeps_the_children()
    {
        ActorRef<string>? child = null;
        var parent = _lab.Spawn(() => new TestActor<string>
        {
            OnStart = context => child ??= context.Spawn(Failing, "child"),
            OnReceive = (context, message) =>
            {
                _log.Add($"{context.ChildCount} children");
                _ = message == "fail" ? throw new InvalidOperationException("planned") : 0;
            },
        });
        _lab.Tell(parent, "fail");
        _lab.AdvanceSeconds(1);
        _lab.Tell(parent, "how many?");
        _lab.Tell(child!, "hello");
        Assert.Equal(["1 children", "1 children", "1:hello"], _log);
    }

    [Fact]
    public void Nothing_is_handled_while_a_restart_waits()
    {
        var actor = _lab.Spawn(Failing, new SupervisionStrategy { FirstBackoff = TimeSpan.FromSeconds(2) });
        _lab.Tell(actor, "fail", "later");
        _lab.AdvanceSeconds(1.999);
        Assert.Empty(_log);
        _lab.AdvanceSeconds(0.001);
        Assert.Equal(["restart of 1", "2:later"], _log);
    }

    [Fact]
    public void Each_restart_within_the_window_waits_twice_as_long_up_to_the_longest()
    {
        var actor = _lab.Spawn(Failing, new SupervisionStrategy
        {
            FirstBackoff = TimeSpan.FromSeconds(1),
            LongestBackoff = TimeSpan.FromSeconds(5),
            MaxRestarts = 5,
            Window = TimeSpan.FromMinutes(10),
        });
        foreach (var seconds in (int[])[1, 2, 4, 5, 5])
        {
            var before = _incarnations;
            _lab.Tell(actor, "fail");
            _lab.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            Assert.Equal(before, _incarnations);
            _lab.Advance(TimeSpan.FromTicks(1));
            Assert.Equal(before + 1, _incarnations);
        }
    }

    [Fact]
    public void Failures_that_left_the_window_are_forgotten()
    {
        var actor = _lab.Spawn(Failing, new SupervisionStrategy { MaxRestarts = 1, Window = TimeSpan.FromSeconds(10) });
        for (var i = 0; i < 5; i++)
        {
            _lab.Tell(actor, "fail");
            _lab.AdvanceSeconds(10.1);
        }

        Assert.Equal(6, _incarnations);
        Assert.False(_lab.System.Completion.IsCompleted);
    }

    [Fact]
    public async Task One_restart_too_many_is_escalated_and_from_below_the_root_stops_the_system()
    {
        var actor = _lab.Spawn(Failing, new SupervisionStrategy { MaxRestarts = 2, FirstBackoff = TimeSpan.Zero });
        for (var i = 0; i < 3; i++)
        {
            Assert.False(_lab.System.Completion.IsCompleted);
            _lab.Tell(actor, "fail");
            _lab.AdvanceSeconds(1);
        }

        var cause = await Assert.ThrowsAsync<InvalidOperationException>(() => _lab.System.Completion);
        Assert.Equal("planned", cause.Message);
        Assert.Equal(3, _incarnations);
        Assert.Single(_lab.Log.Of(5));
        Assert.Single(_lab.Log.Of(7));
    }

    [Fact]
    public void An_escalated_failure_is_the_parents_own_and_its_own_parent_decides()
    {
        ActorRef<string>? child = null;
        var restarts = 0;
        _lab.Spawn(() => new TestActor<string>
        {
            OnStart = context => child = context.Spawn(Failing, "child", new SupervisionStrategy { Directive = Directive.Escalate }),
            OnRestart = _ => restarts++,
        });
        var first = child;
        _lab.Tell(first!, "fail");
        _lab.AdvanceSeconds(1);
        Assert.Equal(1, restarts);
        Assert.NotSame(first, child);
        _lab.Tell(first!, "to the dead");
        _lab.Tell(child!, "to the living");
        Assert.Equal(["2:to the living"], _log);
    }

    [Fact]
    public void Two_children_that_escalate_at_once_are_one_failure_of_their_parent()
    {
        var children = new List<ActorRef<string>>();
        var restarts = 0;
        _lab.Spawn(() => new TestActor<string>
        {
            OnStart = context =>
            {
                children.Clear();
                children.Add(context.Spawn(Failing, "a", new SupervisionStrategy { Directive = Directive.Escalate }));
                children.Add(context.Spawn(Failing, "b", new SupervisionStrategy { Directive = Directive.Escalate }));
            },
            OnRestart = _ => restarts++,
        }, new SupervisionStrategy { FirstBackoff = TimeSpan.FromSeconds(1), MaxRestarts = 1 });
        children.ForEach(child => child.Tell("fail"));
        _lab.Run();
        _lab.AdvanceSeconds(30);
        Assert.Equal(1, restarts);
        Assert.False(_lab.System.Completion.IsCompleted);
    }

    [Fact]
    public void A_child_whose_directive_is_stop_is_stopped_and_nobody_else_notices()
    {
        var stopped = 0;
        var actor = _lab.Spawn(
            () => new TestActor<string>
            {
                OnReceive = (_, _) => throw new InvalidOperationException("planned"),
                OnStop = () => stopped++,
            },
            SupervisionStrategy.Stopping);
        var watcher = _lab.Probe<string>();
        _lab.Spawn(() => new TestActor<string>
        {
            OnStart = context => context.Watch(actor, "gone"),
            OnReceive = (_, message) => watcher.Ref.Tell(message),
        });
        _lab.Tell(actor, "fail", "never");
        Assert.Equal(1, stopped);
        Assert.Equal(["gone"], watcher.Received);
        Assert.False(_lab.System.Completion.IsCompleted);
    }

    [Fact]
    public void An_actor_that_is_stopped_while_its_restart_waits_does_not_come_back()
    {
        var actor = _lab.Spawn(Failing);
        _lab.Tell(actor, "fail", "later");
        _lab.Stop(actor);
        _lab.AdvanceSeconds(60);
        Assert.Equal(1, _incarnations);
        Assert.Empty(_log);
        Assert.Equal(1, _lab.System.DeadLetters.Count);
    }

    private TestActor<string> Failing()
    {
        var number = ++_incarnations;
        return new TestActor<string>
        {
            OnReceive = (_, message) => _log.Add(
                message == "fail" ? throw new InvalidOperationException("planned") : $"{number}:{message}"),
            OnRestart = _ => _log.Add($"restart of {number}"),
        };
    }
}
