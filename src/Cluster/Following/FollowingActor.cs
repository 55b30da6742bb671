using Instancer.Actors.Runtime;

namespace Instancer.Cluster.Following;

/// <summary>
/// Follows what is below a prefix: reads what is there, and then watches the changes. When the thread of changes breaks it reads again; until then the follower hears nothing.
/// </summary>
internal sealed class FollowingActor(IKeyValueStore store, string prefix, IFollower follower) : Actor<FollowingMessage>
{
    private const string ReadTimer = "read";

    /// <summary>How long to wait after the store could not be reached, or a watch has ended for whatever reason.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private CancellationTokenSource? _watch;

    /// <inheritdoc/>
    protected override void PreStart() => Read();

    /// <inheritdoc/>
    protected override void Receive(FollowingMessage message)
    {
        switch (message)
        {
            case FollowingMessage.ReadDue:
                Read();
                break;
            case FollowingMessage.Read { Result.Value: { } answer } read when read.Life == this:
                follower.Found(answer.Items, answer.Revision);
                Watch(answer.Revision + 1);
                break;
            case FollowingMessage.Read read when read.Life == this:
                Context.StartTimer(ReadTimer, new FollowingMessage.ReadDue(), Retry);
                break;
            case FollowingMessage.Watched { Message: WatchMessage.Batch batch } watched when watched.Watch == _watch:
                follower.Changed(batch.Changes);
                break;
            case FollowingMessage.WatchEnded ended when ended.Watch == _watch:
                Context.StartTimer(ReadTimer, new FollowingMessage.ReadDue(), Retry);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void PreRestart(Exception cause) => EndWatch();

    /// <inheritdoc/>
    protected override void PostStop() => EndWatch();

    private void Read() => Context.PipeToSelf(
        store.RangeAsync(KeyRange.Below(prefix), CancellationToken.None), result => new FollowingMessage.Read(this, result));

    private void Watch(long fromRevision)
    {
        EndWatch();
        var watch = _watch = new CancellationTokenSource();
        Context.PipeToSelf(FollowAsync(watch, fromRevision, Self, watch.Token), new FollowingMessage.WatchEnded(watch));
    }

    private void EndWatch()
    {
        _watch?.Cancel();
        _watch?.Dispose();
        _watch = null;
    }

    private async Task FollowAsync(object watch, long fromRevision, ActorRef<FollowingMessage> self, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in store.WatchAsync(prefix, fromRevision, cancellationToken).ConfigureAwait(false))
            {
                self.Tell(new FollowingMessage.Watched(watch, message));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It is not wanted any more.
        }
    }
}
