namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>A host's clocks: a monotonic one that may be a little fast or slow, and one on the wall that may be set.</summary>
internal sealed class HostClock(VirtualTime time, double rate)
{
    private TimeSpan _wallClockOffset;

    public VirtualTime Time => time;

    public long Timestamp => (long)(time.GetTimestamp() * rate);

    public DateTimeOffset UtcNow => time.GetUtcNow() + _wallClockOffset;

    public void StepWallClock(TimeSpan step) => _wallClockOffset += step;

    /// <summary>How long everybody waits until the host's clock has moved by <paramref name="span"/>: never too short.</summary>
    public TimeSpan ToGlobal(TimeSpan span) => TimeSpan.FromTicks((long)Math.Ceiling(span.Ticks / rate) + 1);
}

/// <summary>
/// The clock of one process: its host's. While the process is paused its timers wait, and time goes on; when it has ended they never fire.
/// </summary>
internal sealed class NodeClock(HostClock host) : TimeProvider
{
    private readonly List<NodeTimer> _overdue = [];
    private TimeSpan _pausedFor;
    private long? _pausedAt;
    private bool _hasEnded;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public bool IsPaused => _pausedAt is not null;

    /// <summary>The time in which the process ran: what it may be blamed for.</summary>
    public DateTimeOffset AwakeTime => new DateTimeOffset(_pausedAt ?? host.Time.GetTimestamp(), TimeSpan.Zero) - _pausedFor;

    public override DateTimeOffset GetUtcNow() => host.UtcNow;

    public override long GetTimestamp() => host.Timestamp;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new NodeTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Pause() => _pausedAt ??= host.Time.GetTimestamp();

    /// <summary>What came due meanwhile fires, in its order; what is periodic fires once.</summary>
    public void Continue()
    {
        if (_pausedAt is { } since)
        {
            _pausedFor += TimeSpan.FromTicks(host.Time.GetTimestamp() - since);
            _pausedAt = null;
            var overdue = _overdue.ToArray();
            _overdue.Clear();
            Array.ForEach(overdue, timer => timer.Fire());
        }
    }

    public void End()
    {
        _hasEnded = true;
        _overdue.Clear();
    }

    private sealed class NodeTimer : ITimer
    {
        private readonly NodeClock _clock;
        private readonly Action _callback;
        private readonly ITimer _timer;

        public NodeTimer(NodeClock clock, Action callback)
        {
            _clock = clock;
            _callback = callback;
            _timer = clock.Host.Time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void Fire()
        {
            if (!_clock.IsPaused && !_clock._hasEnded)
            {
                _callback();
            }
            else if (!_clock._overdue.Contains(this))
            {
                _clock._overdue.Add(this);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _clock._overdue.Remove(this);
            return _timer.Change(ToGlobal(dueTime), ToGlobal(period));
        }

        public void Dispose()
        {
            _clock._overdue.Remove(this);
            _timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private TimeSpan ToGlobal(TimeSpan span) => span <= TimeSpan.Zero ? span : _clock.Host.ToGlobal(span);
    }

    private HostClock Host => host;
}
