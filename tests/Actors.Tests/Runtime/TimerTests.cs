using Instancer.Actors.Runtime;
using Instancer.TestKit;

namespace Instancer.Actors.Tests.Runtime;

public sealed class TimerTests
{
    private readonly ActorLab _lab = new();
    private readonly List<string> _log = [];

    [Fact]
    public void A_one_shot_timer_fires_once_and_on_the_tick()
    {
        Spawn(context => context.StartTimer("t", "fired", TimeSpan.FromSeconds(1)));
        _lab.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
        Assert.Empty(_log);
        _lab.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(["fired"], _log);
        _lab.AdvanceSeconds(60);
        Assert.Single(_log);
    }

    [Fact]
    public void A_periodic_timer_fires_every_period_until_it_is_cancelled()
    {
        var actor = Spawn(context => context.StartPeriodicTimer("t", "fired", TimeSpan.FromSeconds(1)));
        _lab.AdvanceSeconds(3.5);
        Assert.Equal(3, _log.Count);
        _lab.Tell(actor, "cancel");
        _lab.AdvanceSeconds(60);
        Assert.Equal(3, _log.Count);
    }

    [Fact]
    public void A_timer_takes_the_place_of_the_one_with_its_key()
    {
        Spawn(context =>
        {
            context.StartTimer("t", "old", TimeSpan.FromSeconds(1));
            context.StartTimer("other", "other", TimeSpan.FromSeconds(3));
            context.StartTimer("t", "new", TimeSpan.FromSeconds(2));
        });
        _lab.AdvanceSeconds(60);
        Assert.Equal(["new", "other"], _log);
    }

    [Fact]
    public void A_timer_that_is_cancelled_after_it_fired_and_before_it_was_handled_stays_silent()
    {
        var actor = Spawn(context => context.StartTimer("t", "fired", TimeSpan.FromSeconds(1)));
        actor.Tell("cancel");
        _lab.Time.Advance(TimeSpan.FromSeconds(1));
        _lab.Run();
        Assert.Empty(_log);
    }

    [Fact]
    public void A_timer_that_is_replaced_after_it_fired_and_before_it_was_handled_fires_as_the_new_one_only()
    {
        var actor = Spawn(context => context.StartTimer("t", "old", TimeSpan.FromSeconds(1)));
        actor.Tell("replace");
        _lab.Time.Advance(TimeSpan.FromSeconds(1));
        _lab.Run();
        Assert.Empty(_log);
        _lab.AdvanceSeconds(1);
        Assert.Equal(["replaced"], _log);
    }

    [Fact]
    public void Timers_are_gone_after_a_restart_even_one_that_has_fired()
    {
        var starts = 0;
        var actor = Spawn(context =>
        {
            if (++starts == 1)
            {
                context.StartTimer("fires", "fired", TimeSpan.FromMilliseconds(5));
                context.StartPeriodicTimer("later", "later", TimeSpan.FromSeconds(1));
            }
        });
        _lab.Tell(actor, "fail");
        _lab.AdvanceSeconds(60);
        Assert.Equal(2, starts);
        Assert.Empty(_log);
    }

    [Fact]
    public void Timers_are_gone_after_a_stop_and_are_no_dead_letters()
    {
        var actor = Spawn(context => context.StartPeriodicTimer("t", "fired", TimeSpan.FromSeconds(1)));
        _lab.Stop(actor);
        _lab.AdvanceSeconds(60);
        Assert.Empty(_log);
        Assert.Equal(0, _lab.System.DeadLetters.Count);
    }

    [Fact]
    public void Cancelling_a_timer_that_is_not_there_does_nothing()
    {
        var actor = Spawn(_ => { });
        _lab.Tell(actor, "cancel", "cancel", "alive");
        Assert.Equal(["alive"], _log);
    }

    [Fact]
    public void An_actor_that_takes_any_object_gets_the_timers_message_and_not_the_timer()
    {
        var got = new List<object>();
        var actor = _lab.Spawn(() => new TestActor<object>
        {
            OnStart = context => context.StartTimer("t", "fired", TimeSpan.FromSeconds(1)),
            OnReceive = (context, message) =>
            {
                got.Add(message);
                context.CancelTimer("t");
            },
        });
        _lab.AdvanceSeconds(1);
        Assert.Equal(["fired"], got);
    }

    private ActorRef<string> Spawn(Action<IActorContext<string>> onStart) => _lab.Spawn(() => new TestActor<string>
    {
        OnStart = onStart,
        OnReceive = (context, message) =>
        {
            switch (message)
            {
                case "cancel":
                    context.CancelTimer("t");
                    break;
                case "replace":
                    context.StartTimer("t", "replaced", TimeSpan.FromSeconds(1));
                    break;
                case "fail":
                    throw new InvalidOperationException("planned");
                default:
                    _log.Add(message);
                    break;
            }
        },
    });
}
