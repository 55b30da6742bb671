namespace Instancer.Gate.Sessions;

/// <summary>
/// Holds one direction of a session to its rate: a bucket that fills with as many bytes a second as may pass, and holds one second's worth. It is full at first; so within any time
/// <c>t</c> there pass at most <c>rate * t + rate</c> bytes. (The limiters of System.Threading.RateLimiting fill by periods of a timer of their own, and know no clock but the system's.)
/// Not for two threads at once.
/// </summary>
internal sealed class ByteBucket
{
    // What is waited for when it is empty, so that a session does not wake for a few bytes: what comes in 50 milliseconds, but no more than one read may take.
    private const int SharesPerSecond = 20;
    private const int LargestShare = 64 * 1024;

    // In bytes times the clock's frequency, which nothing is rounded off of; a long is too short for that.
    private readonly Int128 _full;
    private readonly Int128 _share;
    private readonly TimeProvider _time;
    private readonly long _rate;
    private Int128 _level;
    private long _filledAt;

    /// <param name="bytesPerSecond">How many bytes may pass in a second, at least 1.</param>
    /// <param name="time">The clock that it fills by.</param>
    public ByteBucket(long bytesPerSecond, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesPerSecond, 1);
        (_rate, _time) = (bytesPerSecond, time);
        _full = _level = (Int128)bytesPerSecond * time.TimestampFrequency;
        _share = (Int128)Math.Clamp(bytesPerSecond / SharesPerSecond, 1, LargestShare) * time.TimestampFrequency;
        _filledAt = time.GetTimestamp();
    }

    /// <summary>How many bytes may pass now: at most <paramref name="atMost"/>, and 0 for as long as <see cref="UntilRoom"/> says.</summary>
    public int Room(int atMost)
    {
        Fill();
        return _level < _share ? 0 : (int)Int128.Min(_level / _time.TimestampFrequency, atMost);
    }

    /// <summary>How long until there is room again, rounded up to what a timer can tell: whole milliseconds, at most a second.</summary>
    public TimeSpan UntilRoom()
    {
        Fill();
        var missing = _share - _level;
        return missing <= 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds((long)(((missing * 1000) + _full - 1) / _full));
    }

    /// <summary>Says that <paramref name="count"/> bytes have passed, of those that there was room for.</summary>
    public void Spend(int count) => _level -= (Int128)count * _time.TimestampFrequency;

    private void Fill()
    {
        var now = _time.GetTimestamp();
        _level = Int128.Min(_full, _level + ((Int128)(now - _filledAt) * _rate));
        _filledAt = now;
    }
}
