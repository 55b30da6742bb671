using System.Diagnostics;

namespace Instancer.Gate.Work;

/// <summary>
/// A budget of CPU time: comes in at a share of real time, and goes out at what a check is known to cost. A check may start as long as anything is left, and takes the budget below zero by its cost at
/// most; unused, a second's worth is kept. So in any span of t seconds the checks take at most share * (t + 1) and the cost of one.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="share">The share of one CPU; may change.</param>
internal sealed class WorkBudget(TimeProvider time, Func<double> share)
{
    private double _seconds = share();
    private long _at = time.GetTimestamp();

    /// <summary>How long until a check may start; zero if it may now.</summary>
    public TimeSpan UntilNext()
    {
        Refill();

        // A little longer than it takes: timers count in milliseconds.
        return _seconds > 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_seconds / share()) + TimeSpan.FromMilliseconds(1);
    }

    /// <summary>Takes the cost of a check out.</summary>
    public void Spend(double seconds) => _seconds -= seconds;

    /// <summary>What a squaring costs on this machine, in seconds: the fastest of a few rounds, as the others were disturbed. Takes a few milliseconds.</summary>
    public static double MeasureSquaring()
    {
        const int Squarings = 1000;
        var value = Residue.From(UInt128.MaxValue);
        var fastest = TimeSpan.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < Squarings; i++)
            {
                value.Square();
            }

            var took = Stopwatch.GetElapsedTime(start);
            fastest = took < fastest ? took : fastest;
        }

        return fastest.TotalSeconds / Squarings;
    }

    private void Refill()
    {
        var now = time.GetTimestamp();
        _seconds = Math.Min(share(), _seconds + (time.GetElapsedTime(_at, now).TotalSeconds * share()));
        _at = now;
    }
}
