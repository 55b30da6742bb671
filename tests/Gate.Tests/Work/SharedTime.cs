using Instancer.TestKit;

namespace Instancer.Gate.Tests.Work;

/// <summary>Virtual time for what asks for it on other threads than the one that moves it.</summary>
internal sealed class SharedTime : TimeProvider
{
    private readonly VirtualTime _time = new();
    private readonly Lock _lock = new();

    public override long TimestampFrequency => _time.TimestampFrequency;

    /// <summary>Whether somebody waits for time to pass.</summary>
    public bool IsAwaited => Locked(() => _time.UntilNextTimer() is not null);

    public override DateTimeOffset GetUtcNow() => Locked(_time.GetUtcNow);

    public override long GetTimestamp() => Locked(_time.GetTimestamp);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        Locked(() => new SharedTimer(this, _time.CreateTimer(callback, state, dueTime, period)));

    /// <summary>Moves the clock.</summary>
    public void Advance(TimeSpan by) => Locked(() =>
    {
        _time.Advance(by);
        return true;
    });

    private T Locked<T>(Func<T> get)
    {
        lock (_lock)
        {
            return get();
        }
    }

    private sealed class SharedTimer(SharedTime time, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => time.Locked(() => timer.Change(dueTime, period));

        public void Dispose() => time.Locked(() =>
        {
            timer.Dispose();
            return true;
        });

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
