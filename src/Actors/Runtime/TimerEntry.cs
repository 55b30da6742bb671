namespace Instancer.Actors.Runtime;

/// <summary>
/// One timer of one actor. When it fires, the entry itself goes into the mailbox: so a timer that is cancelled after it
/// fired and before its message was handled stays silent.
/// </summary>
internal sealed class TimerEntry<TMessage>(ActorCell<TMessage> cell, string key, TMessage message, bool periodic) : IDisposable
    where TMessage : class
{
    private ITimer? _timer;

    public string Key => key;

    public TMessage Message => message;

    public bool Periodic => periodic;

    /// <summary>Only looked at and set by the actor's own handlers.</summary>
    public bool Cancelled { get; private set; }

    public void Start(TimeProvider time, TimeSpan due)
        => _timer = time.CreateTimer(
            static state => ((TimerEntry<TMessage>)state!).Fire(), this, due, periodic ? due : Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        Cancelled = true;
        _timer?.Dispose();
    }

    private void Fire() => cell.PostInternal(this);
}
