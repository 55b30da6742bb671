using System.Diagnostics;
using System.Globalization;

namespace Instancer.TestKit;

/// <summary>How long two things took, in nanoseconds.</summary>
/// <param name="Difference">The largest difference of their quartiles.</param>
/// <param name="Noise">The largest difference of the quartiles of two halves of the same thing, over several ways of halving.</param>
/// <param name="Median">The median of both.</param>
public sealed record TimeDifference(double Difference, double Noise, double Median)
{
    /// <summary>Whether time tells them apart: a difference beyond three times the noise, and beyond a fiftieth of the whole, below which a busy machine's noise is no steady thing.</summary>
    public bool TellsApart => Difference > Math.Max(3 * Noise, Median / 50);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"quartiles {Difference:0} ns apart, noise {Noise:0} ns, median {Median:0} ns");
}

/// <summary>Asks whether two things can be told apart by the time that they take.</summary>
public static class TimeTwins
{
    private const int Splits = 9;

    /// <summary>Tries both, in random order, and compares; when they differ, up to twice again, for what else runs on the machine.</summary>
    /// <param name="first">One, given the number of the try.</param>
    /// <param name="second">The other.</param>
    /// <param name="tries">How many tries there are, of both together.</param>
    public static TimeDifference Compare(Action<int> first, Action<int> second, int tries = 20_000)
    {
        var difference = Once(first, second, tries);
        for (var again = 0; again < 2 && difference.TellsApart; again++)
        {
            difference = Once(first, second, tries);
        }

        return difference;
    }

    private static TimeDifference Once(Action<int> first, Action<int> second, int tries)
    {
        var random = new Random(1);
        for (var i = 0; i < Math.Min(tries / 4, 2_000); i++)
        {
            first(i);
            second(i);
        }

        double[] a = new double[tries / 2], b = new double[tries / 2];
        for (var i = 0; i < a.Length; i++)
        {
            var firstGoes = random.Next(2) == 0;
            var one = Measure(firstGoes ? first : second, i);
            var other = Measure(firstGoes ? second : first, i);
            (a[i], b[i]) = firstGoes ? (one, other) : (other, one);
        }

        var noise = 0.0;
        for (var split = 0; split < Splits; split++)
        {
            foreach (var all in new[] { a, b })
            {
                var shuffled = (double[])all.Clone();
                random.Shuffle(shuffled);
                noise = Math.Max(noise, Distance(Quartiles(shuffled[..(all.Length / 2)]), Quartiles(shuffled[(all.Length / 2)..])));
            }
        }

        return new TimeDifference(Distance(Quartiles(a), Quartiles(b)), noise, Quartiles([.. a, .. b])[1]);
    }

    private static double Measure(Action<int> action, int i)
    {
        var start = Stopwatch.GetTimestamp();
        action(i);
        return (Stopwatch.GetTimestamp() - start) * 1e9 / Stopwatch.Frequency;
    }

    private static double[] Quartiles(double[] all)
    {
        var sorted = (double[])all.Clone();
        Array.Sort(sorted);
        return [sorted[sorted.Length / 4], sorted[sorted.Length / 2], sorted[sorted.Length * 3 / 4]];
    }

    private static double Distance(double[] one, double[] other) => one.Zip(other, (x, y) => Math.Abs(x - y)).Max();
}
