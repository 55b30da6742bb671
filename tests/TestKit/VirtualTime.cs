namespace Instancer.TestKit;

/// <summary>A clock that moves only when it is told to. Timers fire on the thread that moves it, in the order of their due times.</summary>
public sealed class VirtualTime : TimeProvider
{
    private readonly PriorityQueue<VirtualTimer, (DateTimeOffset Due, long Order)> _timers = new();
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private DateTimeOffset _now = Start;
    private TimeSpan _wallClockOffset;
    private long _order;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>A planted bug for simulations to find: timers that are due no sooner than this never fire.</summary>
    public TimeSpan LoseTimersFrom { get; set; } = TimeSpan.MaxValue;

    public override DateTimeOffset GetUtcNow() => _now + _wallClockOffset;

    // From the start, as a machine's does from its boot: spans from there are reckoned in doubles, exact only while they are small.
    public override long GetTimestamp() => (_now - Start).Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Sets the wall clock by <paramref name="step"/>, as an operator or NTP would; timers do not notice.</summary>
    public void StepWallClock(TimeSpan step) => _wallClockOffset += step;

    /// <summary>How long until the next timer is due; null if there is none.</summary>
    public TimeSpan? UntilNextTimer()
    {
        while (_timers.TryPeek(out var timer, out var due))
        {
            if (timer.IsDue(due.Order))
            {
                return due.Due - _now;
            }

            _timers.Dequeue();
        }

        return null;
    }

    /// <summary>Moves the clock, firing what comes due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        var end = _now + by;
        while (UntilNextTimer() is { } wait && _now + wait <= end)
        {
            _now += wait;
            var timer = _timers.Dequeue();
            timer.Fire();
        }

        _now = end;
    }

    /// <summary>Drops every timer, as a killed process does.</summary>
    public void ForgetTimers() => _timers.Clear();

    private long Schedule(VirtualTimer timer, TimeSpan due)
    {
        _timers.Enqueue(timer, (_now + due, ++_order));
        return _order;
    }

    private sealed class VirtualTimer(VirtualTime time, Action callback) : ITimer
    {
        private TimeSpan _period;
        private long _scheduled;

        public bool IsDue(long order) => _scheduled == order;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime < TimeSpan.Zero && dueTime != Timeout.InfiniteTimeSpan)
            {
                throw new ArgumentOutOfRangeException(nameof(dueTime), dueTime, "A timer cannot be due in the past.");
            }

            _period = period;
            var never = dueTime == Timeout.InfiniteTimeSpan || dueTime >= time.LoseTimersFrom;
            _scheduled = never ? 0 : time.Schedule(this, dueTime);
            return true;
        }

        public void Fire()
        {
            _scheduled = _period > TimeSpan.Zero ? time.Schedule(this, _period) : 0;
            callback();
        }

        public void Dispose() => _scheduled = 0;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
