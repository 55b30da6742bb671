namespace Instancer.Actors.Runtime;

/// <summary>A cell's two lanes, and how they are run.</summary>
internal abstract partial class ActorCell
{
    private MessageQueue _user;
    private Queue<SystemMessage>? _systemLane;
    private bool _scheduled;

    public void PostInternal(object message)
    {
        bool dead, schedule;
        lock (this)
        {
            dead = _state == CellState.Terminated;
            if (!dead)
            {
                _user.Enqueue(message);
            }

            schedule = !dead && !_scheduled && _state is CellState.Active or CellState.New;
            _scheduled |= schedule;
        }

        if (dead)
        {
            DeadLetter(message);
        }
        else if (schedule)
        {
            System.Dispatcher.Schedule(this);
        }
    }

    public void PostSystem(SystemMessage message)
    {
        bool dead, schedule;
        lock (this)
        {
            dead = _state == CellState.Terminated;
            if (!dead)
            {
                (_systemLane ??= new Queue<SystemMessage>(2)).Enqueue(message);
            }

            schedule = !dead && !_scheduled;
            _scheduled |= schedule;
        }

        if (dead)
        {
            (message as SystemMessage.Watch)?.Watcher.OnTerminated();
        }
        else if (schedule)
        {
            System.Dispatcher.Schedule(this);
        }
    }

    /// <summary>Has the new cell run its first incarnation's start.</summary>
    public void Launch()
    {
        lock (this)
        {
            _scheduled = true;
        }

        System.Dispatcher.Schedule(this);
    }

    void IThreadPoolWorkItem.Execute() => ThreadPoolDispatcher.RunOnPool(this);

    public void Run()
    {
        for (var quantum = System.Dispatcher.Throughput; ; quantum--)
        {
            SystemMessage? system = null;
            object? user = null;
            bool isNew;
            lock (this)
            {
                isNew = _state == CellState.New;
                if (!isNew && !HasWork())
                {
                    _user.TrimIfEmpty();
                    _scheduled = false;
                    return;
                }

                if (quantum > 0 && !isNew && !TakeSystem(out system))
                {
                    user = _user.Dequeue();
                }
            }

            if (quantum == 0)
            {
                System.Dispatcher.Schedule(this);
                return;
            }

            if (isNew)
            {
                Begin();
            }
            else if (system is not null)
            {
                Handle(system);
            }
            else
            {
                Guard(user!);
            }
        }
    }

    protected void PutBack(IReadOnlyList<object> messages)
    {
        lock (this)
        {
            for (var i = messages.Count - 1; i >= 0; i--)
            {
                _user.PutBack(messages[i]);
            }
        }
    }

    private bool HasWork() => _systemLane?.Count > 0 || (_state == CellState.Active && _user.Count > 0);

    private bool TakeSystem(out SystemMessage? message)
    {
        message = null;
        return _systemLane is not null && _systemLane.TryDequeue(out message);
    }
}
