using FsCheck;
using FsCheck.Fluent;
using Instancer.Gate.Work;
using Instancer.TestKit;

namespace Instancer.Gate.Tests.Work;

public sealed class WorkBudgetTests
{
    [Fact]
    public void Checks_never_take_more_than_their_share_and_never_wait_for_longer_than_that_needs()
        => Prop.ForAll(Gen.Choose(1, 100).ToArbitrary(), Gen.Choose(1, 3000).Two().ListOf().ToArbitrary(), (percent, checks) =>
        {
            var time = new VirtualTime();
            var share = percent / 100.0;
            var budget = new WorkBudget(time, () => share);
            double now = 0, spent = 0, dearest = 0;
            foreach (var (costMs, idleMs) in checks)
            {
                time.Advance(TimeSpan.FromMilliseconds(idleMs));
                var wait = budget.UntilNext();
                time.Advance(wait);
                Assert.Equal(TimeSpan.Zero, budget.UntilNext());
                now += (TimeSpan.FromMilliseconds(idleMs) + wait).TotalSeconds;
                dearest = Math.Max(dearest, costMs / 1000.0);
                Assert.InRange(wait.TotalSeconds, 0, (dearest / share) + 0.002);
                budget.Spend(costMs / 1000.0);
                spent += costMs / 1000.0;
                Assert.InRange(spent, 0, (share * (now + 1)) + dearest);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_not_used_is_kept_for_a_second()
    {
        var time = new VirtualTime();
        var budget = new WorkBudget(time, () => 0.5);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.Zero, budget.UntilNext());
        budget.Spend(0.5);
        Assert.Equal(TimeSpan.FromMilliseconds(1), budget.UntilNext());
        budget.Spend(0.5);
        Assert.Equal(TimeSpan.FromMilliseconds(1001), budget.UntilNext());
    }

    [Fact]
    public void A_share_that_changes_counts_from_then_on()
    {
        var time = new VirtualTime();
        var share = 0.1;
        var budget = new WorkBudget(time, () => share);
        budget.Spend(1.1);
        Assert.Equal(10.001, budget.UntilNext().TotalSeconds, 6);
        share = 1;
        Assert.Equal(1.001, budget.UntilNext().TotalSeconds, 6);
    }

    [Fact]
    public void What_a_squaring_costs_is_measured() => Assert.InRange(WorkBudget.MeasureSquaring(), 1e-8, 1e-4);
}
