using FsCheck;
using FsCheck.Fluent;
using Instancer.Gate.Addresses;

namespace Instancer.Gate.Tests.Addresses;

public sealed class FailureWindowTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(8);

    [Fact]
    public void What_lies_in_the_window_is_counted_and_what_lies_an_eighth_further_back_is_not() => Prop.ForAll(
        Gen.ArrayOf(Gen.Frequency((8, Gen.Choose(0, 1500)), (1, Gen.Choose(0, 20_000)))).ToArbitrary(), gaps =>
        {
            var window = new FailureWindow();
            var (now, before) = (TimeSpan.Zero, new List<TimeSpan>());
            return gaps.All(gap =>
            {
                now += TimeSpan.FromMilliseconds(gap);
                before.Add(now);
                var counted = window.Add(now, Window);
                return counted >= before.Count(failure => now - failure <= Window) && counted <= before.Count(failure => now - failure <= Window * 9 / 8)
                    && window.Latest == now;
            });
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Another_window_counts_anew()
    {
        var window = new FailureWindow();
        Assert.Equal(1, window.Add(TimeSpan.FromSeconds(1), Window));
        Assert.Equal(2, window.Add(TimeSpan.FromSeconds(1), Window));
        Assert.Equal(1, window.Add(TimeSpan.FromSeconds(1), Window * 2));
    }
}
