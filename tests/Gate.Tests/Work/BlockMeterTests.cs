using FsCheck;
using FsCheck.Fluent;
using Instancer.Gate.Options;
using Instancer.Gate.Work;

namespace Instancer.Gate.Tests.Work;

/// <summary>When an attack begins and ends, against what the options say: of events at any moments, with any bounds.</summary>
public sealed class BlockMeterTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // What a step of counting may add to the minute.
    private static readonly TimeSpan Coarse = TimeSpan.FromSeconds(5);

    // Bursts of events, the pauses between them from none to many minutes.
    private static readonly Gen<TimeSpan[]> Events =
        Gen.OneOf(Gen.Choose(0, 3), Gen.Choose(0, 3), Gen.Choose(0, 20), Gen.Choose(20, 400))
            .SelectMany(pause => Gen.Choose(1, 12).Select(events => (pause, events))).ListOf()
            .Select(bursts =>
            {
                var now = TimeSpan.FromMilliseconds(137);
                return bursts.SelectMany(burst => Enumerable.Repeat(now += TimeSpan.FromSeconds(burst.pause), burst.events)).ToArray();
            });

    private static readonly Gen<WorkOptions> Bounds =
        from calmAt in Gen.Choose(1, 30)
        from above in Gen.Choose(0, 30)
        from calmAfter in Gen.Choose(0, 200)
        select new WorkOptions { UnderAttack = 10, AttackAt = calmAt + above, CalmAt = calmAt, CalmAfter = TimeSpan.FromSeconds(calmAfter) };

    private static readonly Arbitrary<(WorkOptions Options, TimeSpan[] Events)> Cases = Bounds.SelectMany(options => Events.Select(events => (options, events))).ToArbitrary();

    [Fact]
    public void An_attack_begins_when_the_bound_is_reached_within_a_minute_and_never_otherwise()
        => ForAllSeconds((options, events, now, was, isAttack) =>
        {
            var surely = Within(events, now, Minute) >= options.AttackAt;
            var perhaps = Within(events, now, Minute + Coarse) >= options.AttackAt;
            return isAttack ? was || perhaps : !surely;
        });

    [Fact]
    public void An_attack_lasts_until_it_was_calm_for_as_long_as_is_asked()
        => ForAllSeconds((options, events, now, was, isAttack) =>
        {
            if (!was || isAttack)
            {
                return true;
            }

            // It ended within this second: nowhere in the time before were there too many, but in the second itself.
            var from = now - options.CalmAfter;
            return SampledFrom(from + TimeSpan.FromSeconds(1), now - TimeSpan.FromSeconds(1)).All(moment => Within(events, moment, Minute) < options.CalmAt);
        });

    [Fact]
    public void An_attack_ends_when_it_was_calm_for_as_long_as_is_asked()
        => ForAllSeconds((options, events, now, _, isAttack) =>
            !isAttack || SampledFrom(now - options.CalmAfter - TimeSpan.FromSeconds(1), now).Any(moment => Within(events, moment, Minute + Coarse) >= options.CalmAt));

    [Fact]
    public void Between_the_bounds_nothing_changes()
    {
        var options = new WorkOptions { UnderAttack = 10, AttackAt = 60, CalmAt = 20, CalmAfter = TimeSpan.FromSeconds(30) };
        foreach (var isAttack in new[] { false, true })
        {
            var meter = new BlockMeter();
            for (var i = 0; isAttack && i < 60; i++)
            {
                meter.Count(options);
            }

            Assert.Equal(isAttack, meter.IsAttack);

            // Fifty events a minute, for an hour.
            for (var now = TimeSpan.Zero; now < TimeSpan.FromHours(1); now += Minute / 50)
            {
                meter.Advance(now, options);
                meter.Count(options);
                if (now > 2 * Minute)
                {
                    Assert.InRange(meter.Recent, 45, 59);
                    Assert.Equal(isAttack, meter.IsAttack);
                }
            }
        }
    }

    [Fact]
    public void How_often_it_is_looked_at_changes_nothing()
        => Prop.ForAll(Cases, Gen.Choose(0, 700).ToArbitrary(), (given, after) =>
        {
            BlockMeter often = new(), seldom = new();
            var now = TimeSpan.Zero;
            foreach (var next in given.Events.Append((given.Events.Length == 0 ? TimeSpan.Zero : given.Events[^1]) + TimeSpan.FromSeconds(after)))
            {
                for (; now < next; now += TimeSpan.FromSeconds(0.7))
                {
                    often.Advance(now, given.Options);
                }

                often.Advance(next, given.Options);
                seldom.Advance(next, given.Options);
                Assert.Equal((often.Recent, often.IsAttack), (seldom.Recent, seldom.IsAttack));
                Assert.Equal(often.Count(given.Options), seldom.Count(given.Options));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    // Plays the events, and looks at the meter right after each of them and every second between and after them.
    private static void ForAllSeconds(Func<WorkOptions, TimeSpan[], TimeSpan, bool, bool, bool> holds)
        => Prop.ForAll(Cases, given =>
        {
            var meter = new BlockMeter();
            var (now, counted, was) = (TimeSpan.Zero, 0, false);
            var end = (given.Events.Length == 0 ? TimeSpan.Zero : given.Events[^1]) + given.Options.CalmAfter + (2 * Minute);
            for (; now < end; now += TimeSpan.FromSeconds(1))
            {
                for (; counted < given.Events.Length && given.Events[counted] <= now; counted++)
                {
                    var at = given.Events[counted];
                    meter.Advance(at, given.Options);
                    meter.Count(given.Options);
                    if (!holds(given.Options, given.Events[..(counted + 1)], at, was, meter.IsAttack))
                    {
                        return false;
                    }

                    was = meter.IsAttack;
                }

                meter.Advance(now, given.Options);
                if (!holds(given.Options, given.Events[..counted], now, was, meter.IsAttack))
                {
                    return false;
                }

                was = meter.IsAttack;
            }

            return !meter.IsAttack && meter.Recent == 0;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    private static int Within(TimeSpan[] events, TimeSpan now, TimeSpan span)
    {
        // They are in order.
        var count = 0;
        for (var i = events.Length - 1; i >= 0 && events[i] > now - span; i--)
        {
            count += events[i] <= now ? 1 : 0;
        }

        return count;
    }

    private static IEnumerable<TimeSpan> SampledFrom(TimeSpan from, TimeSpan to)
    {
        for (var moment = from; moment <= to; moment += TimeSpan.FromSeconds(1))
        {
            yield return moment;
        }
    }
}
