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

    private CellState _state;

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

    protected abstract void StartIncarnation();

    protected abstract void EndIncarnation(Exception cause);

    protected abstract void Handle(object message);

    protected abstract void OnStopped();

    protected abstract void DeadLetter(object message);

    protected void Suspend() => SetState(CellState.Suspended);

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

    private void SetState(CellState state)
    {
        lock (this)
        {
            _state = state;
        }
    }
}
