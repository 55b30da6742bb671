using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Runtime;

/// <summary>The root of a tree of actors, with the dispatcher and the clock that all of them share.</summary>
public sealed class ActorSystem
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ActorCell<object> _root;
    private readonly TimeSpan _slowHandler;
    private Exception? _failure;
    private int _lastId;

    /// <summary>Starts an empty system.</summary>
    /// <param name="name">The root's name in every path.</param>
    /// <param name="dispatcher">Where mailboxes run.</param>
    /// <param name="time">The clock of every timer and age.</param>
    /// <param name="logger">Where failures, dead letters and slow handlers are logged.</param>
    /// <param name="slowHandler">How long a handler may take before it is logged. Default: 100 ms.</param>
    public ActorSystem(string name, Dispatcher dispatcher, TimeProvider time, ILogger logger, TimeSpan? slowHandler = null)
    {
        Dispatcher = dispatcher;
        Time = time;
        Logger = logger;
        DeadLetters = new DeadLetters(logger);
        _slowHandler = slowHandler ?? TimeSpan.FromMilliseconds(100);
        _root = new ActorCell<object>(this, null, name, () => new Root(), SupervisionStrategy.Default);
        _root.Launch();
    }

    /// <summary>The clock of every timer and age.</summary>
    public TimeProvider Time { get; }

    /// <summary>Messages that came too late.</summary>
    public DeadLetters DeadLetters { get; }

    /// <summary>Ends when every actor has stopped; faulted with the cause if a failure reached the root.</summary>
    public Task Completion => _completion.Task;

    internal Dispatcher Dispatcher { get; }

    internal ILogger Logger { get; }

    /// <summary>Starts an actor below the root, from any thread.</summary>
    /// <param name="factory">Makes an incarnation; called at the start and at every restart.</param>
    /// <param name="name">For logs; need not be unique.</param>
    /// <param name="supervision">What happens when it fails. Default: <see cref="SupervisionStrategy.Default"/>.</param>
    public ActorRef<TMessage> Spawn<TMessage>(
        Func<Actor<TMessage>> factory, string name, SupervisionStrategy? supervision = null)
        where TMessage : class
        => _root.Spawn(factory, name, supervision);

    /// <summary>Stops an actor after its current message, from any thread.</summary>
    public void Stop(ActorRef actor) => _root.Stop(actor);

    /// <summary>Stops every actor, children before parents. See <see cref="Completion"/>.</summary>
    public void Stop() => _root.StopSelf();

    internal int NextId() => Interlocked.Increment(ref _lastId);

    internal void OnRootFailed(Exception cause)
    {
        RuntimeLog.SystemFailed(Logger, cause);
        _failure = cause;
    }

    internal void OnRootStopped()
    {
        if (_failure is { } cause)
        {
            _completion.TrySetException(cause);
        }
        else
        {
            _completion.TrySetResult();
        }
    }

    internal void NoteDuration(ActorCell cell, object message, long since)
    {
        var elapsed = Time.GetElapsedTime(since);
        if (elapsed > _slowHandler)
        {
            RuntimeLog.SlowHandler(Logger, cell.Path, message.GetType().Name, elapsed.TotalMilliseconds);
        }
    }

    private sealed class Root : Actor<object>
    {
        protected internal override void Receive(object message)
        {
        }
    }
}
