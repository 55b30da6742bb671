using FsCheck;
using FsCheck.Fluent;
using Instancer.Gate.Sessions;
using Instancer.TestKit;

namespace Instancer.Gate.Tests.Sessions;

public sealed class ByteBucketTests
{
    // From a byte a second to more than any wire carries; what a session does is to wait a while, or to pass some of what it may.
    private static readonly Gen<long> Rate = Gen.Choose(0, 11).SelectMany(
        digits => Gen.Choose(1, 99).Select(digit => Math.Max(1, digit * (long)Math.Pow(10, digits) / 10)));

    private static readonly Gen<Step> AnyStep = Gen.Choose(0, 3).SelectMany(kind => kind switch
    {
        0 => Gen.Choose(0, 30_000_000).Select(ticks => new Step(TimeSpan.FromTicks(ticks), 0, 0)),
        1 => Gen.Choose(1, 100).Select(share => new Step(null, 128 * 1024, share)),
        _ => Gen.Choose(1, 128 * 1024).Select(atMost => new Step(null, atMost, 100)),
    });

    [Fact]
    public void In_no_window_passes_more_than_its_rate_and_one_second_of_it() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(Rate.Zip(Gen.ListOf(AnyStep)).ToArbitrary(), run =>
        {
            var (rate, steps) = run;
            var time = new VirtualTime();
            var bucket = new ByteBucket(rate, time);
            var passed = new List<(TimeSpan At, long Total)> { (TimeSpan.Zero, 0) };
            foreach (var step in steps)
            {
                time.Advance(step.Wait ?? TimeSpan.Zero);
                var count = (int)((long)bucket.Room(Math.Max(1, step.AtMost)) * step.Percent / 100);
                bucket.Spend(count);
                passed.Add((TimeSpan.FromTicks(time.GetTimestamp()), passed[^1].Total + count));
            }

            return passed.Index().All(end => passed.Take(end.Index + 1).All(start =>
                end.Item.Total - start.Total <= rate + ((decimal)rate * (end.Item.At - start.At).Ticks / TimeSpan.TicksPerSecond)));
        }));

    [Fact]
    public void Who_waits_as_long_as_it_says_never_waits_in_vain() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(Rate.Zip(Gen.ListOf(AnyStep)).ToArbitrary(), run =>
        {
            var (rate, steps) = run;
            var time = new VirtualTime();
            var bucket = new ByteBucket(rate, time);
            foreach (var step in steps)
            {
                time.Advance(step.Wait ?? TimeSpan.Zero);
                bucket.Spend((int)((long)bucket.Room(Math.Max(1, step.AtMost)) * step.Percent / 100));
                var wait = bucket.UntilRoom();
                var isShort = wait == TimeSpan.Zero == bucket.Room(1) > 0 && wait <= TimeSpan.FromSeconds(1);
                time.Advance(wait);
                if (!isShort || bucket.Room(1) == 0)
                {
                    return false;
                }
            }

            return true;
        }));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000)]
    [InlineData(1_000_003)]
    [InlineData(100_000_000)]
    public void Used_to_the_full_it_gives_all_of_its_rate(long rate)
    {
        var time = new VirtualTime();
        var bucket = new ByteBucket(rate, time);
        var total = 0L;
        while (time.GetTimestamp() < TimeSpan.TicksPerMinute)
        {
            var count = bucket.Room(128 * 1024);
            bucket.Spend(count);
            total += count;
            time.Advance(count == 0 ? bucket.UntilRoom() : TimeSpan.Zero);
        }

        // One second's worth to begin with, a minute's worth, and what the last wait was too long by.
        var most = rate + (rate * time.GetTimestamp() / TimeSpan.TicksPerSecond);
        Assert.InRange(total, most - Math.Max(1, rate / 20) - 1, most);
    }

    [Fact]
    public void A_rest_of_any_length_saves_up_no_more_than_a_second()
    {
        var time = new VirtualTime();
        var bucket = new ByteBucket(1000, time);
        time.Advance(TimeSpan.FromDays(400));

        Assert.Equal(1000, bucket.Room(int.MaxValue));
        Assert.Equal(10, bucket.Room(10));
        bucket.Spend(1000);
        Assert.Equal(0, bucket.Room(int.MaxValue));
        Assert.Equal(TimeSpan.FromMilliseconds(50), bucket.UntilRoom());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_rate_that_nothing_passes_with_is_no_rate(long rate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ByteBucket(rate, TimeProvider.System));

    /// <summary>Waits, or passes so many percent of the room there is.</summary>
    private sealed record Step(TimeSpan? Wait, int AtMost, int Percent);
}
