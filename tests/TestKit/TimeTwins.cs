using System.Diagnostics;
using System.Globalization;

namespace Instancer.TestKit;

/// <summary>How long two things took, in nanoseconds.</summary>
/// <param name="Difference">By how much the quartile that differs most is later in the second; negative for earlier.</param>
/// <param name="Noise">The largest such difference of the quartiles of two halves of the same thing, over several ways of halving.</param>
/// <param name="Median">The median of both.</param>
public sealed record TimeDifference(double Difference, double Noise, double Median)
{
    /// <summary>Whether time tells them apart: a difference beyond three times the noise, and beyond 4 % of the whole, below which it goes this way in one run and that way in the next.</summary>
    public bool TellsApart => Math.Abs(Difference) > Math.Max(3 * Noise, Median / 25);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"quartiles {Difference:0} ns apart, noise {Noise:0} ns, median {Median:0} ns");
}

/// <summary>Asks whether two kinds of input can be told apart by the time that the same code takes over them.</summary>
public static class TimeTwins
{
    private const int Splits = 9;

    /// <summary>Tries both in turn, in random order, and compares; when they differ, up to twice again, for what else runs on the machine.</summary>
    /// <param name="action">What is done with an input.</param>
    /// <param name="first">Inputs of one kind, used in turn.</param>
    /// <param name="second">As many of the other.</param>
    /// <param name="tries">How many tries there are, of both together.</param>
    public static TimeDifference Compare<T>(Action<T> action, T[] first, T[] second, int tries = 20_000)
    {
        var difference = Once(action, first, second, tries);
        for (var again = 0; again < 2 && difference.TellsApart; again++)
        {
            difference = Once(action, first, second, tries);
        }

        return difference;
    }

    private static TimeDifference Once<T>(Action<T> action, T[] first, T[] second, int tries)
    {
        var random = new Random(1);
        for (var i = 0; i < Math.Min(tries / 4, 2_000); i++)
        {
            action(first[i % first.Length]);
            action(second[i % first.Length]);
        }

        double[] a = new double[tries / 2], b = new double[tries / 2];
        for (var i = 0; i < a.Length; i++)
        {
            var firstGoes = random.Next(2) == 0;
            T mine = first[i % first.Length], others = second[i % first.Length];
            var one = Measure(action, firstGoes ? mine : others);
            var other = Measure(action, firstGoes ? others : mine);
            (a[i], b[i]) = firstGoes ? (one, other) : (other, one);
        }

        var noise = 0.0;
        for (var split = 0; split < Splits; split++)
        {
            foreach (var all in new[] { a, b })
            {
                var shuffled = (double[])all.Clone();
                random.Shuffle(shuffled);
                noise = Math.Max(noise, Math.Abs(Distance(Quartiles(shuffled[..(all.Length / 2)]), Quartiles(shuffled[(all.Length / 2)..]))));
            }
        }

        return new TimeDifference(Distance(Quartiles(a), Quartiles(b)), noise, Quartiles([.. a, .. b])[1]);
    }

    private static double Measure<T>(Action<T> action, T input)
    {
        var start = Stopwatch.GetTimestamp();
        action(input);
        return (Stopwatch.GetTimestamp() - start) * 1e9 / Stopwatch.Frequency;
    }

    private static double[] Quartiles(double[] all)
    {
        var sorted = (double[])all.Clone();
        Array.Sort(sorted);
        return [sorted[sorted.Length / 4], sorted[sorted.Length / 2], sorted[sorted.Length * 3 / 4]];
    }

    private static double Distance(double[] one, double[] other) => one.Zip(other, (x, y) => y - x).MaxBy(Math.Abs);
}
