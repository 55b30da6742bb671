using Instancer.Actors.Runtime;
using Instancer.TestKit;
using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Tests.Runtime;

public sealed class DeadLetterTests
{
    [Fact]
    public void Dead_letters_are_counted_and_logged_with_type_and_path()
    {
        var lab = new ActorLab();
        var actor = lab.Spawn(() => new TestActor<string>(), name: "late");
        lab.Stop(actor);
        lab.Tell(actor, "one", "two");
        Assert.Equal(2, lab.System.DeadLetters.Count);
        Assert.All(lab.Log.Of(1), line => Assert.Matches(@"^String for lab/late#\d+, which has stopped$", line.Text));
        Assert.Equal(2, lab.Log.Of(1).Count);
    }

    [Fact]
    public void What_a_dead_letter_owns_is_released_whether_it_came_before_the_stop_or_after()
    {
        var lab = new ActorLab();
        var discarded = 0;
        var actor = lab.Spawn(() => new TestActor<object>());
        actor.Tell(new Owner(() => discarded++));
        lab.Stop(actor);
        Assert.Equal(1, discarded);
        actor.Tell(new Owner(() => discarded++));
        Assert.Equal(2, discarded);
    }

    [Fact]
    public void A_slow_handler_is_logged_with_its_message_and_a_quick_one_is_not()
    {
        var lab = new ActorLab(slowHandler: TimeSpan.FromMilliseconds(100));
        var actor = lab.Spawn(() => new TestActor<string>
        {
            OnStart = context => context.StartTimer("t", "120", TimeSpan.FromSeconds(1)),
            OnReceive = (_, message) => lab.Time.Advance(TimeSpan.FromMilliseconds(
                double.Parse(message, System.Globalization.CultureInfo.InvariantCulture))),
        });
        lab.Tell(actor, "99", "100");
        Assert.Empty(lab.Log.Of(2));
        lab.Tell(actor, "101");
        var line = Assert.Single(lab.Log.Of(2));
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Contains("took 101 ms for one String", line.Text, StringComparison.Ordinal);
        lab.AdvanceSeconds(1);
        Assert.Contains("took 120 ms for one String", lab.Log.Of(2)[1].Text, StringComparison.Ordinal);
    }

    private sealed record Owner(Action OnDiscard) : IDiscardable
    {
        public void Discard() => OnDiscard();
    }
}
