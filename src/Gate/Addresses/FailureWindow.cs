using System.Runtime.CompilerServices;

namespace Instancer.Gate.Addresses;

/// <summary>
/// Counts failures within a window in the same few bytes however many they are: by eighths of the window. What lies back no longer than the window counts; what lies
/// back by more than nine eighths of it does not.
/// </summary>
internal sealed class FailureWindow
{
    private const int Slices = 8;

    private TimeSpan _window;
    private long _latest;
    private Counts _counts;

    /// <summary>When there was a failure last.</summary>
    public TimeSpan Latest { get; private set; }

    /// <summary>Counts one more; how many there are in the window with it.</summary>
    /// <param name="now">Never less than the time before.</param>
    /// <param name="window">How far back failures count; if it is not what it was, counting begins anew.</param>
    public int Add(TimeSpan now, TimeSpan window)
    {
        var slice = now.Ticks / Math.Max(1, window.Ticks / Slices);
        if (window != _window || slice - _latest > Slices)
        {
            ((Span<int>)_counts).Clear();
        }
        else
        {
            for (var passed = _latest + 1; passed <= slice; passed++)
            {
                _counts[(int)(passed % (Slices + 1))] = 0;
            }
        }

        (_window, _latest, Latest) = (window, slice, now);
        _counts[(int)(slice % (Slices + 1))]++;
        var sum = 0;
        foreach (var count in _counts)
        {
            sum += count;
        }

        return sum;
    }

    // Those of the slice that has begun and of the eight before it.
    [InlineArray(Slices + 1)]
    private struct Counts
    {
        private int _first;
    }
}
