namespace Instancer.Actors.Runtime;

/// <summary>The typed part of a cell: the incarnations of one actor, and the context that they see.</summary>
internal sealed class ActorCell<TMessage> : ActorCell, IActorContext<TMessage>
    where TMessage : class
{
    private readonly Func<Actor<TMessage>> _factory;
    private Actor<TMessage>? _actor;
    private Dictionary<string, TimerEntry<TMessage>>? _timers;
    private List<TMessage>? _stash;

    public ActorCell(
        ActorSystem system, ActorCell? parent, string name, Func<Actor<TMessage>> factory, SupervisionStrategy supervision)
        : base(system, parent, name, supervision)
    {
        _factory = factory;
        Self = new ActorRef<TMessage>(this);
    }

    public ActorRef<TMessage> Self { get; }

    /// <summary>The present incarnation, for simulations to look into between two steps.</summary>
    public Actor<TMessage>? Incarnation => _actor;

    public TimeProvider Time => System.Time;

    public override ActorRef Reference => Self;

    public void Post(TMessage message) => PostInternal(message);

    public ActorRef<TChild> Spawn<TChild>(Func<Actor<TChild>> factory, string name, SupervisionStrategy? supervision = null)
        where TChild : class
    {
        var child = new ActorCell<TChild>(System, this, name, factory, supervision ?? SupervisionStrategy.Default);
        Adopt(child);
        return child.Self;
    }

    public void StopSelf() => PostSystem(SystemMessage.Stop.Instance);

    public void Stop(ActorRef child) => child.Cell.PostSystem(SystemMessage.Stop.Instance);

    public void Watch(ActorRef target, TMessage message)
        => target.Cell.PostSystem(new SystemMessage.Watch(new ActorWatcher<TMessage>(this, message)));

    public void Unwatch(ActorRef target) => target.Cell.PostSystem(new SystemMessage.Unwatch(this));

    public void PipeToSelf<TResult>(
        Task<TResult> task, Func<TResult, TMessage> onResult, Func<Exception, TMessage>? onFailure = null)
        => Then(task, () => task.IsCompletedSuccessfully ? onResult(task.Result) : Failure(task, onFailure));

    public void PipeToSelf(Task task, TMessage message)
        => Then(task, () => task.IsCompletedSuccessfully ? message : Failure(task, null));

    public void StartTimer(string key, TMessage message, TimeSpan due) => StartTimer(key, message, due, periodic: false);

    public void StartPeriodicTimer(string key, TMessage message, TimeSpan period) => StartTimer(key, message, period, periodic: true);

    public void CancelTimer(string key)
    {
        if (_timers is not null && _timers.Remove(key, out var timer))
        {
            timer.Dispose();
        }
    }

    public void Stash(TMessage message) => (_stash ??= []).Add(message);

    public void UnstashAll()
    {
        if (_stash is { Count: > 0 } stash)
        {
            _stash = null;
            PutBack(stash);
        }
    }

    protected override void StartIncarnation()
    {
        var actor = _factory();
        actor.Attach(this);
        _actor = actor;
        actor.PreStart();
    }

    protected override void EndIncarnation(Exception cause)
    {
        if (_actor is { } actor)
        {
            RunHook(nameof(actor.PreRestart), () => actor.PreRestart(cause));
        }

        CancelTimers();
        UnstashAll();
        _actor = null;
    }

    protected override void Handle(object message)
    {
        var before = Time.GetTimestamp();
        TMessage user;
        switch (message)
        {
            // The runtime's own first: for an actor that takes any object they would be messages, too.
            case TimerEntry<TMessage> { Cancelled: true }:
                return;
            case TimerEntry<TMessage> timer:
                if (!timer.Periodic)
                {
                    _timers!.Remove(timer.Key);
                }

                user = timer.Message;
                break;
            case FailedTask failed:
                throw failed.Cause;
            default:
                user = (TMessage)message;
                break;
        }

        _actor!.Receive(user);
        System.NoteDuration(this, user, before);
    }

    protected override void OnStopped()
    {
        CancelTimers();
        if (_actor is { } actor)
        {
            RunHook(nameof(actor.PostStop), actor.PostStop);
            _actor = null;
        }

        _stash?.ForEach(DeadLetter);
        _stash = null;
    }

    protected override void DeadLetter(object message)
    {
        switch (message)
        {
            case TimerEntry<TMessage>:
                break;
            case FailedTask failed:
                System.DeadLetters.Add(failed.Cause, Path);
                break;
            default:
                System.DeadLetters.Add(message, Path);
                break;
        }
    }

    private void Then(Task task, Func<object?> outcome)
    {
        object? Outcome()
        {
            try
            {
                return outcome();
            }
            catch (Exception cause)
            {
                // A mapping's bug, on some other thread: it is this actor's failure.
                return new FailedTask(cause);
            }
        }

        void Post()
        {
            if (Outcome() is { } message)
            {
                PostInternal(message);
            }
        }

        if (task.IsCompleted)
        {
            Post();
        }
        else
        {
            task.ContinueWith(
                _ => Post(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private static object? Failure(Task task, Func<Exception, TMessage>? onFailure)
    {
        var cause = task.Exception?.InnerException;
        return onFailure is not null ? onFailure(cause ?? new TaskCanceledException(task))
            : cause is not null ? new FailedTask(cause)
            : null;
    }

    private void StartTimer(string key, TMessage message, TimeSpan due, bool periodic)
    {
        CancelTimer(key);
        var timer = new TimerEntry<TMessage>(this, key, message, periodic);
        (_timers ??= []).Add(key, timer);
        timer.Start(Time, due);
    }

    private void CancelTimers()
    {
        foreach (var timer in _timers?.Values ?? Enumerable.Empty<TimerEntry<TMessage>>())
        {
            timer.Dispose();
        }

        _timers = null;
    }

    private void RunHook(string hook, Action run)
    {
        try
        {
            run();
        }
        catch (Exception cause)
        {
            // The incarnation is over either way: what failed in its last words is logged and goes no further.
            RuntimeLog.HookFailed(System.Logger, cause, Path, hook);
        }
    }

    /// <summary>A piped task's exception on its way to being this actor's failure.</summary>
    private sealed record FailedTask(Exception Cause);
}
