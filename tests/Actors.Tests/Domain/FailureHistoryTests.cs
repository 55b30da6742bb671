using Instancer.Actors.Instances;

namespace Instancer.Actors.Tests.Domain;

public sealed class FailureHistoryTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly FailureHistory _failures = new();
    private TimeSpan _now = TimeSpan.FromHours(1);

    [Fact]
    public void The_third_failure_within_a_minute_backs_off_for_a_second()
    {
        Fail();
        _now += Second * 30;
        Fail();
        Assert.False(_failures.IsBackingOff(_now));
        _now += Second * 30;
        Fail();
        BacksOffFor(Second);
    }

    [Fact]
    public void Three_failures_in_more_than_a_minute_do_not_back_off()
    {
        Fail();
        _now += Second * 30;
        Fail();
        _now += (Second * 30) + Tick;
        Fail();
        Assert.False(_failures.IsBackingOff(_now));
    }

    [Fact]
    public void Each_further_failure_doubles_the_wait_up_to_a_minute()
    {
        Fail();
        Fail();
        foreach (var seconds in (int[])[1, 2, 4, 8, 16, 32, 60, 60])
        {
            Fail();
            BacksOffFor(Second * seconds);
        }
    }

    [Fact]
    public void A_success_breaks_the_row()
    {
        Fail();
        Fail();
        _failures.Clear();
        Fail();
        Fail();
        Assert.False(_failures.IsBackingOff(_now));
        Fail();
        BacksOffFor(Second);
    }

    [Fact]
    public void All_is_forgotten_a_minute_after_the_wait_and_then_three_are_needed_again()
    {
        Fail();
        Fail();
        Fail();
        Assert.Equal(_now + (Second * 61), _failures.ForgetAt);
        _now = _failures.ForgetAt;
        Fail();
        Assert.False(_failures.IsBackingOff(_now));
    }

    [Fact]
    public void A_failure_just_before_that_goes_on_doubling()
    {
        Fail();
        Fail();
        Fail();
        _now = _failures.ForgetAt - Tick;
        Fail();
        BacksOffFor(Second * 2);
    }

    private void Fail() => _failures.Add(_now);

    private void BacksOffFor(TimeSpan wait)
    {
        Assert.True(_failures.IsBackingOff(_now));
        _now += wait - Tick;
        Assert.True(_failures.IsBackingOff(_now));
        _now += Tick;
        Assert.False(_failures.IsBackingOff(_now));
    }
}
