using Instancer.Actors.Runtime;
using Instancer.TestKit;

namespace Instancer.Actors.Tests.Runtime;

public sealed class WatchTests
{
    private readonly ActorLab _lab = new();
    private readonly List<string> _log = [];

    [Fact]
    public void A_watcher_is_told_once_when_a_living_actor_stops()
    {
        var target = Idle();
        var watcher = Watcher(target);
        Assert.Empty(_log);
        _lab.Stop(target);
        Assert.Equal(["gone"], _log);
        _lab.Stop(watcher);
        Assert.Equal(["gone"], _log);
    }

    [Fact]
    public void A_watcher_of_a_dead_actor_is_told_at_once()
    {
        var target = Idle();
        _lab.Stop(target);
        Watcher(target);
        Assert.Equal(["gone"], _log);
    }

    [Fact]
    public void A_watch_that_crosses_with_the_stop_is_answered()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var lab = new ActorLab(seed);
            var target = lab.Spawn(() => new TestActor<string>());
            var told = 0;
            lab.System.Spawn(
                () => new TestActor<string> { OnStart = context => context.Watch(target, "gone"), OnReceive = (_, _) => told++ },
                "watcher");
            lab.System.Stop(target);
            lab.Run();
            Assert.Equal(1, told);
        }
    }

    [Fact]
    public void An_unwatched_actors_stop_is_not_told()
    {
        var target = Idle();
        var watcher = Watcher(target);
        _lab.Tell(watcher, "unwatch");
        _lab.Stop(target);
        Assert.Empty(_log);
    }

    [Fact]
    public void A_watch_survives_the_restart_of_the_watched()
    {
        var target = _lab.Spawn(() => new TestActor<string> { OnReceive = (_, _) => throw new InvalidOperationException("planned") });
        Watcher(target);
        _lab.Tell(target, "fail");
        _lab.AdvanceSeconds(1);
        Assert.Empty(_log);
        _lab.Stop(target);
        Assert.Equal(["gone"], _log);
    }

    [Fact]
    public void A_child_is_not_counted_any_more_when_its_parent_is_told_that_it_has_stopped()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var lab = new ActorLab(seed);
            var counts = new List<int>();
            var parent = lab.Spawn(() => new TestActor<string>
            {
                OnStart = context =>
                {
                    for (var i = 0; i < 3; i++)
                    {
                        context.Watch(context.Spawn(() => new TestActor<string>(), "child"), "gone");
                    }
                },
                OnReceive = (context, message) =>
                {
                    if (message == "gone")
                    {
                        Assert.Equal(context.ChildCount, context.Children.Count());
                        counts.Add(context.ChildCount);
                    }
                    else
                    {
                        context.Stop(context.Children.First());
                    }
                },
            });
            foreach (var _ in Enumerable.Range(0, 3))
            {
                lab.Tell(parent, "stop one");
            }

            Assert.Equal([2, 1, 0], counts);
        }
    }

    [Fact]
    public void A_child_that_is_watched_while_it_dies_is_not_counted_either()
    {
        // What is left in the child's mailbox is discarded in the middle of its death: there the parent watches it.
        int? counted = null;
        ActorRef<string>? parent = null;
        ActorRef<object>? child = null;
        parent = _lab.Spawn(() => new TestActor<string>
        {
            OnStart = context => child = context.Spawn(() => new TestActor<object>(), "child"),
            OnReceive = (context, message) =>
            {
                if (message == "watch")
                {
                    context.Watch(child!, "gone");
                }
                else
                {
                    counted = context.ChildCount;
                }
            },
        });
        child!.Tell(new WhenDiscarded(() => _lab.Tell(parent, "watch")));
        _lab.Stop(child);
        Assert.Equal(0, counted);
    }

    private ActorRef<string> Idle() => _lab.Spawn(() => new TestActor<string>());

    private ActorRef<string> Watcher(ActorRef target) => _lab.Spawn(() => new TestActor<string>
    {
        OnStart = context => context.Watch(target, "gone"),
        OnReceive = (context, message) =>
        {
            if (message == "unwatch")
            {
                context.Unwatch(target);
            }
            else
            {
                _log.Add(message);
            }
        },
    });

    private sealed record WhenDiscarded(Action Do) : IDiscardable
    {
        public void Discard() => Do();
    }
}
