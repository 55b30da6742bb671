namespace Instancer.Gateway.Net.Tls;

/// <summary>Lets so many bytes a second pass: a bucket that fills by itself up to a quarter of a second's bytes, and may be overdrawn once by what has been read already.</summary>
/// <param name="perSecond">How many bytes a second; at least 1.</param>
/// <param name="time">The clock.</param>
internal sealed class BytePace(long perSecond, TimeProvider time)
{
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(0.25);

    private readonly long _start = time.GetTimestamp();

    // Up to when the bytes that have passed are paid for, from the start.
    private TimeSpan _paidUntil = -Burst;

    /// <summary>How many bytes should be read at once.</summary>
    public long LargestShare => Math.Max(1, (long)(perSecond * Burst.TotalSeconds));

    /// <summary>Waits until <paramref name="count"/> bytes may pass; false if it is over before.</summary>
    public async Task<bool> PassAsync(int count, CancellationToken over)
    {
        var now = time.GetElapsedTime(_start);
        _paidUntil = TimeSpan.FromTicks(Math.Max(_paidUntil.Ticks, (now - Burst).Ticks)) + TimeSpan.FromSeconds(count / (double)perSecond);
        if (_paidUntil > now)
        {
            var waiting = Task.Delay(_paidUntil - now, time, over);
            await Task.WhenAny(waiting);
            return waiting.IsCompletedSuccessfully;
        }

        return true;
    }
}
