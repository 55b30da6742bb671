using Instancer.Actors.Runtime;

namespace Instancer.Cluster.Membership;

/// <summary>Keeps the table of members: reads what is there, and then follows the changes. When the thread of changes breaks it reads again; until then the table is as it was.</summary>
internal sealed class MembersActor(IKeyValueStore store, MemberTable table) : Actor<MembersMessage>
{
    private const string ReadTimer = "read";

    /// <summary>How long to wait after the store could not be reached, or a watch has ended for whatever reason.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private CancellationTokenSource _stop = new();
    private int _watch;

    /// <inheritdoc/>
    protected override void PreStart() => Read();

    /// <inheritdoc/>
    protected override void Receive(MembersMessage message)
    {
        switch (message)
        {
            case MembersMessage.ReadDue:
                Read();
                break;
            case MembersMessage.Read { Result.Value: { } answer }:
                table.Set(answer.Items);
                Watch(answer.Revision + 1);
                break;
            case MembersMessage.Read:
                Context.StartTimer(ReadTimer, new MembersMessage.ReadDue(), Retry);
                break;
            case MembersMessage.Watched { Message: WatchMessage.Batch batch } watched when watched.Watch == _watch:
                table.Apply(batch.Changes);
                break;
            case MembersMessage.WatchEnded ended when ended.Watch == _watch:
                Context.StartTimer(ReadTimer, new MembersMessage.ReadDue(), Retry);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void PreRestart(Exception cause) => EndWatch();

    /// <inheritdoc/>
    protected override void PostStop() => EndWatch();

    private void Read() => Context.PipeToSelf(
        store.RangeAsync(KeyRange.Below(ClusterKeys.Nodes), CancellationToken.None), result => new MembersMessage.Read(result));

    private void Watch(long fromRevision)
    {
        EndWatch();
        _stop = new CancellationTokenSource();
        var watch = ++_watch;
        Context.PipeToSelf(FollowAsync(watch, fromRevision, Self, _stop.Token), new MembersMessage.WatchEnded(watch));
    }

    private void EndWatch()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task FollowAsync(int watch, long fromRevision, ActorRef<MembersMessage> self, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in store.WatchAsync(ClusterKeys.Nodes, fromRevision, cancellationToken).ConfigureAwait(false))
            {
                self.Tell(new MembersMessage.Watched(watch, message));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It is not wanted any more.
        }
    }
}
