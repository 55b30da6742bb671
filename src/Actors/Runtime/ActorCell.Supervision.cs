namespace Instancer.Actors.Runtime;

/// <summary>How a cell fails, and what it does about its children's failures.</summary>
internal abstract partial class ActorCell
{
    private readonly SupervisionStrategy _supervision;
    private RestartHistory? _restarts;

    // Held so that it is not collected before it fires.
    private ITimer? _restartTimer;

    private void Fail(Exception cause)
    {
        if (_state is CellState.Stopping or CellState.Terminated)
        {
            RuntimeLog.HookFailed(System.Logger, cause, Path, "stopping");
            return;
        }

        RuntimeLog.Failed(System.Logger, cause, Path);
        if (_state == CellState.Suspended)
        {
            // A second child has escalated: what becomes of this actor is being decided already.
            return;
        }

        Suspend();
        TellWatchersOfFailure();
        if (_parent is null)
        {
            System.OnRootFailed(cause);
            BeginStop();
        }
        else
        {
            _parent.PostSystem(new SystemMessage.ChildFailed(this, cause));
        }
    }

    private void OnChildFailed(ActorCell child, Exception cause)
    {
        switch (child._supervision.Directive)
        {
            case Directive.Stop:
                child.PostSystem(SystemMessage.Stop.Instance);
                break;
            case Directive.Restart when child.NextBackoff() is { } backoff:
                RuntimeLog.Restarting(System.Logger, child.Path, backoff);
                child.RestartAfter(backoff, cause);
                break;
            default:
                RuntimeLog.Escalating(System.Logger, child.Path);
                child.PostSystem(SystemMessage.Stop.Instance);
                Fail(cause);
                break;
        }
    }

    private TimeSpan? NextBackoff() => (_restarts ??= new RestartHistory()).Next(_supervision, System.Time.Uptime());

    private void RestartAfter(TimeSpan backoff, Exception cause)
        => _restartTimer = System.Time.CreateTimer(
            _ => PostSystem(new SystemMessage.Restart(cause)), null, backoff, Timeout.InfiniteTimeSpan);

    private void OnRestart(Exception cause)
    {
        _restartTimer?.Dispose();
        _restartTimer = null;
        if (_state != CellState.Suspended)
        {
            return;
        }

        EndIncarnation(cause);
        Begin();
    }

    private void TellWatchersOfFailure()
    {
        List<IWatcher> watchers;
        lock (this)
        {
            watchers = [.. _watchers ?? []];
        }

        watchers.ForEach(watcher => watcher.OnFailed());
    }
}
