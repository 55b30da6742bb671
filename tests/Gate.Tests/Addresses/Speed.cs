using System.Diagnostics;

namespace Instancer.Gate.Tests.Addresses;

/// <summary>Measures what takes nanoseconds, on a machine that does other things besides.</summary>
internal static class Speed
{
    private const int Batch = 100;

    /// <summary>
    /// The nanoseconds of one call: the median of batches so short that whatever else the machine does falls between them or spoils a few. Done over and over until
    /// it is as fast as wanted, because the code is compiled anew while it runs.
    /// </summary>
    public static double Of<T>(T[] inputs, double wanted, Action<T> call)
    {
        var median = double.MaxValue;
        for (var round = 0; round < 50 && (round < 5 || median > wanted); round++)
        {
            median = Math.Min(median, Median(inputs, call));
        }

        return median;
    }

    private static double Median<T>(T[] inputs, Action<T> call)
    {
        var times = new double[inputs.Length / Batch];
        for (var batch = 0; batch < times.Length; batch++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = batch * Batch; i < (batch + 1) * Batch; i++)
            {
                call(inputs[i]);
            }

            times[batch] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Batch;
        }

        Array.Sort(times);
        return times[times.Length / 2];
    }
}

/// <summary>What is measured is measured alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SpeedCollection
{
    public const string Name = "Speed";
}
