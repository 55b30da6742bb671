namespace Instancer.Actors.Instances;

/// <summary>
/// The failed starts of one key: three in a row within a minute and the key backs off, for a second first and for twice as long after each
/// further failure, up to a minute.
/// </summary>
internal sealed class FailureHistory
{
    private const int Tolerated = 3;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly Queue<TimeSpan> _recent = new();
    private TimeSpan _backoff;
    private TimeSpan _until;

    /// <summary>When all of this need not be remembered any more; at least a minute after the latest failure.</summary>
    public TimeSpan ForgetAt { get; private set; }

    /// <summary>Whether starts are not to be tried at <paramref name="now"/>.</summary>
    public bool IsBackingOff(TimeSpan now) => now < _until;

    /// <summary>Notes a failure.</summary>
    public void Add(TimeSpan now)
    {
        if (now >= ForgetAt)
        {
            Clear();
        }

        while (_recent.TryPeek(out var oldest) && now - oldest > Window)
        {
            _recent.Dequeue();
        }

        _recent.Enqueue(now);
        if (_backoff > TimeSpan.Zero)
        {
            _backoff = TimeSpan.FromTicks(Math.Min(_backoff.Ticks * 2, Longest.Ticks));
        }
        else if (_recent.Count >= Tolerated)
        {
            _backoff = First;
        }

        _until = now + _backoff;
        ForgetAt = _until + Window;
    }

    /// <summary>A start has succeeded: the row is broken.</summary>
    public void Clear()
    {
        _recent.Clear();
        _backoff = TimeSpan.Zero;
        _until = default;
    }
}
