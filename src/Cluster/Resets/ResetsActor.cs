using Instancer.Actors;
using Instancer.Actors.Runtime;
using Instancer.Cluster.Following;
using Microsoft.Extensions.Logging;

namespace Instancer.Cluster.Resets;

/// <summary>
/// Removes what other nodes have marked here: stops the instance, and deletes the mark once its backend is gone, which is what the other node waits for. A mark that was set
/// again meanwhile is another request: what was started since has to go too.
/// </summary>
internal sealed class ResetsActor(string node, IKeyValueStore store, Func<InstanceKey, CancellationToken, Task> stop, ILogger logger) : Actor<ResetsMessage>
{
    /// <summary>How long to wait after a stop or a call that failed.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly string _prefix = ClusterKeys.ResetsAt(node);
    private readonly CancellationTokenSource _end = new();
    // The marks that are there, with the revision of each.
    private readonly Dictionary<InstanceKey, long> _marks = [];
    // What was served and deleted, until that is heard too: what is heard of it before is old.
    private readonly Dictionary<InstanceKey, long> _served = [];
    // Those that something is under way for: a stop, a pause, or the deletion of the mark.
    private readonly HashSet<InstanceKey> _busy = [];

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var follower = new Follower(this, Self);
        Context.Spawn(() => new FollowingActor(store, _prefix, follower), "marks");
    }

    /// <inheritdoc/>
    protected override void Receive(ResetsMessage message)
    {
        switch (message)
        {
            case ResetsMessage.Found found when found.Life == this:
                OnFound(found.Items);
                break;
            case ResetsMessage.Changed changed when changed.Life == this:
                changed.Changes.ToList().ForEach(change => Note(change.Key, change.Value, change.ModRevision));
                break;
            case ResetsMessage.Stopped stopped when stopped.Life == this:
                OnStopped(stopped);
                break;
            case ResetsMessage.Deleted deleted when deleted.Life == this:
                OnDeleted(deleted);
                break;
            case ResetsMessage.StopDue due:
                Next(due.Key);
                break;
            case ResetsMessage.DeleteDue due:
                Delete(due.Key, due.Revision);
                break;
        }
    }

    /// <summary>The next incarnation reads what is there.</summary>
    protected override void PreRestart(Exception cause)
    {
        End();
        foreach (var child in Context.Children.ToList())
        {
            Context.Stop(child);
        }
    }

    /// <inheritdoc/>
    protected override void PostStop() => End();

    private void End()
    {
        _end.Cancel();
        _end.Dispose();
    }

    private void OnFound(IReadOnlyList<KeyValue> items)
    {
        _marks.Clear();
        foreach (var key in _served.Keys.Where(key => !items.Any(item => item.Key == ClusterKeys.Reset(node, key))).ToList())
        {
            _served.Remove(key);
        }

        foreach (var item in items)
        {
            Note(item.Key, item.Value, item.ModRevision);
        }
    }

    private void Note(string mark, string? value, long revision)
    {
        if (!InstanceKey.TryParse(mark[_prefix.Length..], out var key))
        {
            return;
        }

        if (value is null)
        {
            _marks.Remove(key);
            _served.Remove(key);
        }
        else if (revision > _served.GetValueOrDefault(key))
        {
            _marks[key] = revision;
            if (!_busy.Contains(key))
            {
                ClusterLog.ResetAsked(logger, key.ToShortString());
                Stop(key, revision);
            }
        }
    }

    private void Stop(InstanceKey key, long revision)
    {
        _busy.Add(key);
        Context.PipeToSelf(
            StopAsync(key, _end.Token),
            failure => new ResetsMessage.Stopped(this, key, revision, failure));
    }

    // A stop that throws at once has failed like any other.
    private async Task<Exception?> StopAsync(InstanceKey key, CancellationToken cancellationToken)
    {
        try
        {
            await stop(key, cancellationToken).ConfigureAwait(false);
            return null;
        }
#pragma warning disable CA1031 // Whatever it is: the mark stays, it is logged, and the stop is tried again.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return failure;
        }
    }

    private void OnStopped(ResetsMessage.Stopped stopped)
    {
        if (stopped.Failure is { } failure)
        {
            ClusterLog.ResetFailed(logger, stopped.Key.ToShortString(), failure.Message);
            Context.StartTimer($"stop {stopped.Key}", new ResetsMessage.StopDue(stopped.Key), Retry);
        }
        else
        {
            Delete(stopped.Key, stopped.Revision);
        }
    }

    // The mark that was served, and none that has been set since.
    private void Delete(InstanceKey key, long revision)
    {
        var mark = ClusterKeys.Reset(node, key);
        var delete = new StoreTransaction(
            [new StoreCompare.ModifiedAt(mark, revision)],
            // It may have been left before the mark was heard of.
            [new StoreOperation.Delete(KeyRange.One(mark)), new StoreOperation.Delete(KeyRange.One(ClusterKeys.Left(key)))],
            []);
        Context.PipeToSelf(
            store.CommitAsync(delete, CancellationToken.None), result => new ResetsMessage.Deleted(this, key, revision, result.Error));
    }

    private void OnDeleted(ResetsMessage.Deleted deleted)
    {
        if (deleted.Error is { } error)
        {
            ClusterLog.ResetUntold(logger, deleted.Key.ToShortString(), error.Message);
            Context.StartTimer($"delete {deleted.Key}", new ResetsMessage.DeleteDue(deleted.Key, deleted.Revision), Retry);
            return;
        }

        // Unless it has been heard already, that it is gone is heard later, if at all.
        if (_marks.TryGetValue(deleted.Key, out var revision) && revision <= deleted.Revision)
        {
            _marks.Remove(deleted.Key);
            _served[deleted.Key] = deleted.Revision;
        }

        Next(deleted.Key);
    }

    private void Next(InstanceKey key)
    {
        _busy.Remove(key);
        if (_marks.TryGetValue(key, out var revision))
        {
            Stop(key, revision);
        }
    }

    private sealed class Follower(object life, ActorRef<ResetsMessage> resets) : IFollower
    {
        public void Found(IReadOnlyList<KeyValue> items, long revision) => resets.Tell(new ResetsMessage.Found(life, items));

        public void Changed(IReadOnlyList<StoreChange> changes) => resets.Tell(new ResetsMessage.Changed(life, changes));
    }
}
