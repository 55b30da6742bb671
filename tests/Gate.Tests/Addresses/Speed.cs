using System.Diagnostics;

namespace Instancer.Gate.Tests.Addresses;

/// <summary>Measures what takes nanoseconds, on a machine that does other things besides.</summary>
internal static class Speed
{
    private const int Batch = 100;

    /// <summary>
    /// The nanoseconds of one call: the median of batches so short that whatever else the machine does falls between them or spoils a few. Done over and over until
    /// it is as fast as wanted, because the code is compiled anew while it runs. What is done with the results afterwards is not measured.
    /// </summary>
    public static double Of<TInput, TResult>(TInput[] inputs, double wanted, Func<TInput, TResult> call, Action<TResult>? after = null)
    {
        var median = double.MaxValue;
        for (var round = 0; round < 50 && (round < 5 || median > wanted); round++)
        {
            median = Math.Min(median, Median(inputs, call, after));
        }

        return median;
    }

    private static double Median<TInput, TResult>(TInput[] inputs, Func<TInput, TResult> call, Action<TResult>? after)
    {
        var times = new double[inputs.Length / Batch];
        var results = new TResult[Batch];
        for (var batch = 0; batch < times.Length; batch++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < Batch; i++)
            {
                results[i] = call(inputs[(batch * Batch) + i]);
            }

            times[batch] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Batch;
            if (after is not null)
            {
                Array.ForEach(results, after);
            }
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
