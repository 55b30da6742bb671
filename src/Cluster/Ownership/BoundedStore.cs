namespace Instancer.Cluster.Ownership;

/// <summary>
/// A store that is asked for only so much at once: whoever comes with more waits here, in turn. However many clients come, a store that is busy with them still hears the node's
/// signs of life, which do not come this way.
/// </summary>
internal sealed class BoundedStore(IKeyValueStore store, int limit) : IKeyValueStore
{
    private readonly Lock _lock = new();
    // Who waits goes on where the one before ends: in a simulation on the one thread that there is.
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private int _underWay;

    public Task<StoreResult<Lease>> GrantAsync(TimeSpan ttl, CancellationToken cancellationToken) => AskAsync(() => store.GrantAsync(ttl, cancellationToken));

    public Task<StoreResult<KeepAlive>> KeepAliveAsync(long lease, CancellationToken cancellationToken) =>
        AskAsync(() => store.KeepAliveAsync(lease, cancellationToken));

    public Task<StoreError?> RevokeAsync(long lease, CancellationToken cancellationToken) => AskAsync(() => store.RevokeAsync(lease, cancellationToken));

    public Task<StoreResult<RangeAnswer>> RangeAsync(KeyRange range, CancellationToken cancellationToken) =>
        AskAsync(() => store.RangeAsync(range, cancellationToken));

    public Task<StoreResult<TransactionAnswer>> CommitAsync(StoreTransaction transaction, CancellationToken cancellationToken) =>
        AskAsync(() => store.CommitAsync(transaction, cancellationToken));

    /// <summary>A watch asks once and is told for long: it does not count.</summary>
    public IAsyncEnumerable<WatchMessage> WatchAsync(string prefix, long fromRevision, CancellationToken cancellationToken) =>
        store.WatchAsync(prefix, fromRevision, cancellationToken);

    private async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        if (Enter() is { } turn)
        {
            await turn.ConfigureAwait(false);
        }

        try
        {
            return await ask().ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }

    private Task? Enter()
    {
        lock (_lock)
        {
            if (_underWay < limit)
            {
                _underWay++;
                return null;
            }

            var turn = new TaskCompletionSource();
            _waiting.Enqueue(turn);
            return turn.Task;
        }
    }

    private void Leave()
    {
        TaskCompletionSource? next;
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out next))
            {
                _underWay--;
            }
        }

        next?.SetResult();
    }
}
