namespace Instancer.Gateway.Admin.Metrics;

/// <summary>One line, or one histogram, of the exposition: an instrument's measurements under one set of labels.</summary>
internal abstract class Series
{
    /// <summary>Takes a measurement.</summary>
    public abstract void Record(double value);
}

/// <summary>Adds up.</summary>
internal sealed class SumSeries : Series
{
    private double _sum;

    /// <summary>The sum so far.</summary>
    public double Sum => Volatile.Read(ref _sum);

    /// <inheritdoc/>
    public override void Record(double value)
    {
        var seen = Volatile.Read(ref _sum);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref _sum, seen + value, seen);
            if (before.Equals(seen))
            {
                return;
            }

            seen = before;
        }
    }
}

/// <summary>Keeps the latest.</summary>
internal sealed class LatestSeries : Series
{
    private double _latest;

    /// <summary>The latest measurement.</summary>
    public double Latest => Volatile.Read(ref _latest);

    /// <inheritdoc/>
    public override void Record(double value) => Volatile.Write(ref _latest, value);
}

/// <summary>Counts into buckets.</summary>
internal sealed class HistogramSeries(double[] bounds) : Series
{
    private readonly long[] _counts = new long[bounds.Length + 1];
    private readonly SumSeries _sum = new();

    /// <summary>The upper bounds, ascending; the last bucket has none.</summary>
    public IReadOnlyList<double> Bounds => bounds;

    /// <summary>The sum of all measurements.</summary>
    public double Sum => _sum.Sum;

    /// <summary>The count of each bucket by itself; one more than there are bounds.</summary>
    public long[] Counts()
    {
        var counts = new long[_counts.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = Interlocked.Read(ref _counts[i]);
        }

        return counts;
    }

    /// <inheritdoc/>
    public override void Record(double value)
    {
        // A bound belongs to the bucket that it ends ("le").
        var found = Array.BinarySearch(bounds, value);
        Interlocked.Increment(ref _counts[found < 0 ? ~found : found]);
        _sum.Record(value);
    }
}
