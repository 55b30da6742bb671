namespace Instancer.Actors.Runtime;

/// <summary>
/// What stands behind a reference, whatever its messages: the two lanes of the mailbox, its place in the tree, its
/// life. The typed part is <see cref="ActorCell{TMessage}"/>, supervision is in its own file.
/// </summary>
/// <remarks>
/// The lock on the cell itself (nobody else can see it; an object of its own would cost every idle actor its size)
/// guards the two lanes, the state and the lists of children and watchers. It is held for a few instructions and never while
/// a handler runs. A cell is with the dispatcher at most once, so that its handlers never overlap.
/// </remarks>
internal abstract partial class ActorCell : IThreadPoolWorkItem, IRunnableMailbox
{
    private readonly ActorCell? _parent;
    private readonly string _name;
    private readonly int _id;

    private MessageQueue _user;
    private Queue<SystemMessage>? _systemLane;
    private CellState _state;
    private bool _scheduled;

    private List<IWatcher>? _watchers;
    private int _childCount;
    private ActorCell? _firstChild, _nextSibling, _previousSibling;

    protected ActorCell(ActorSystem system, ActorCell? parent, string name, SupervisionStrategy supervision)
    {
        System = system;
        _parent = parent;
        _name = name;
        _id = system.NextId();
        _supervision = supervision;
    }

    private enum CellState : byte
    {
        New,
        Active,
        Suspended,
        Stopping,
        Terminated,
    }

    public ActorSystem System { get; }

    public string Path => _parent is null ? _name : $"{_parent.Path}/{_name}#{_id}";

    public abstract ActorRef Reference { get; }

    public IEnumerable<ActorRef> Children => ChildCells().ConvertAll(child => child.Reference);

    public int ChildCount => _childCount;

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

    /// <summary>Takes a child in and launches it; a parent that is stopping or has stopped has it stop at once.</summary>
    protected void Adopt(ActorCell child)
    {
        bool stopping;
        lock (this)
        {
            stopping = _state is CellState.Stopping or CellState.Terminated;
            child._nextSibling = _firstChild;
            _firstChild?._previousSibling = child;
            _firstChild = child;
            _childCount++;
        }

        child.Launch();
        if (stopping)
        {
            child.PostSystem(SystemMessage.Stop.Instance);
        }
    }

    void IThreadPoolWorkItem.Execute() => Run();

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

    protected abstract void StartIncarnation();

    protected abstract void EndIncarnation(Exception cause);

    protected abstract void Handle(object message);

    protected abstract void OnStopped();

    protected abstract void DeadLetter(object message);

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

    protected void Suspend() => SetState(CellState.Suspended);

    private bool HasWork() => _systemLane?.Count > 0 || (_state == CellState.Active && _user.Count > 0);

    private bool TakeSystem(out SystemMessage? message)
    {
        message = null;
        return _systemLane is not null && _systemLane.TryDequeue(out message);
    }

    private void Begin()
    {
        SetState(CellState.Active);
        try
        {
            StartIncarnation();
        }
        catch (Exception cause)
        {
            Fail(cause);
        }
    }

    private void Guard(object message)
    {
        try
        {
            Handle(message);
        }
        catch (Exception cause)
        {
            Fail(cause);
        }
    }

    private void Handle(SystemMessage message)
    {
        switch (message)
        {
            case SystemMessage.Stop:
                BeginStop();
                break;
            case SystemMessage.Watch watch:
                lock (this)
                {
                    (_watchers ??= []).Add(watch.Watcher);
                }

                break;
            case SystemMessage.Unwatch unwatch:
                lock (this)
                {
                    _watchers?.RemoveAll(watcher => watcher.Is(unwatch.Watcher));
                }

                break;
            case SystemMessage.Restart restart:
                OnRestart(restart.Cause);
                break;
            case SystemMessage.ChildFailed failed:
                OnChildFailed(failed.Child, failed.Cause);
                break;
            case SystemMessage.ChildTerminated terminated:
                RemoveChild(terminated.Child);
                break;
        }
    }

    private void BeginStop()
    {
        if (_state is CellState.Stopping or CellState.Terminated)
        {
            return;
        }

        SetState(CellState.Stopping);
        foreach (var child in ChildCells())
        {
            child.PostSystem(SystemMessage.Stop.Instance);
        }

        FinishStopIfChildless();
    }

    private void FinishStopIfChildless()
    {
        if (_state != CellState.Stopping || _firstChild is not null)
        {
            return;
        }

        OnStopped();
        var left = new List<object>();
        List<SystemMessage> system;
        List<IWatcher> watchers;
        lock (this)
        {
            _state = CellState.Terminated;
            while (_user.Count > 0)
            {
                left.Add(_user.Dequeue());
            }

            system = [.. _systemLane ?? []];
            _systemLane = null;
            watchers = _watchers ?? [];
            _watchers = null;
        }

        left.ForEach(DeadLetter);
        _parent?.PostSystem(new SystemMessage.ChildTerminated(this));
        watchers.ForEach(watcher => watcher.OnTerminated());
        system.ForEach(message => (message as SystemMessage.Watch)?.Watcher.OnTerminated());
        if (_parent is null)
        {
            System.OnRootStopped();
        }
    }

    private void RemoveChild(ActorCell child)
    {
        lock (this)
        {
            if (ReferenceEquals(_firstChild, child))
            {
                _firstChild = child._nextSibling;
            }

            child._previousSibling?._nextSibling = child._nextSibling;
            child._nextSibling?._previousSibling = child._previousSibling;
            child._nextSibling = child._previousSibling = null;
            _childCount--;
        }

        FinishStopIfChildless();
    }

    private List<ActorCell> ChildCells()
    {
        var children = new List<ActorCell>();
        lock (this)
        {
            for (var child = _firstChild; child is not null; child = child._nextSibling)
            {
                children.Add(child);
            }
        }

        return children;
    }

    private void SetState(CellState state)
    {
        lock (this)
        {
            _state = state;
        }
    }
}
