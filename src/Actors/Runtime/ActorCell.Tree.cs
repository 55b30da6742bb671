namespace Instancer.Actors.Runtime;

/// <summary>A cell's children and watchers, and how it stops: children first, then itself, then those who watch it are told.</summary>
internal abstract partial class ActorCell
{
    private List<IWatcher>? _watchers;
    private int _childCount;
    private ActorCell? _firstChild, _nextSibling, _previousSibling;

    public IEnumerable<ActorRef> Children => ChildCells().ConvertAll(child => child.Reference);

    public int ChildCount => _childCount;

    /// <summary>For tests to look into.</summary>
    public int WatcherCount => _watchers?.Count ?? 0;

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
        DiscardMail();
        List<SystemMessage> system;
        List<IWatcher> watchers;
        lock (this)
        {
            if (_firstChild is not null)
            {
                // Spawned by the actor's last words, or by another thread meanwhile: it stops first.
                return;
            }

            // In one step: whoever finds this cell dead from now on, the parent first of all, finds the parent told.
            _state = CellState.Terminated;
            _parent?.PostSystem(new SystemMessage.ChildTerminated(this));
            system = [.. _systemLane ?? []];
            _systemLane = null;
            watchers = _watchers ?? [];
            _watchers = null;
        }

        DiscardMail();
        watchers.ForEach(watcher => watcher.OnTerminated());
        system.ForEach(message => (message as SystemMessage.Watch)?.Watcher.OnTerminated());
        if (_parent is null)
        {
            System.OnRootStopped();
        }
    }

    private void DiscardMail()
    {
        var left = new List<object>();
        lock (this)
        {
            while (_user.Count > 0)
            {
                left.Add(_user.Dequeue());
            }
        }

        left.ForEach(DeadLetter);
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
}
