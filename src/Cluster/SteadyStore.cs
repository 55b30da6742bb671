using System.Runtime.CompilerServices;

namespace Instancer.Cluster;

/// <summary>
/// A store that notices if it has gone back: an answer from before what was seen already means that its disks are those of a backup, or empty. Such an answer is none, since what was
/// decided meanwhile is forgotten, and somebody is told.
/// </summary>
/// <param name="store">The store itself.</param>
/// <param name="wentBack">Called when it has gone back.</param>
internal sealed class SteadyStore(IKeyValueStore store, Action wentBack) : IKeyValueStore
{
    private long _highest;

    public Task<StoreResult<Lease>> GrantAsync(TimeSpan ttl, CancellationToken cancellationToken) => store.GrantAsync(ttl, cancellationToken);

    public Task<StoreResult<KeepAlive>> KeepAliveAsync(long lease, CancellationToken cancellationToken) => store.KeepAliveAsync(lease, cancellationToken);

    public Task<StoreError?> RevokeAsync(long lease, CancellationToken cancellationToken) => store.RevokeAsync(lease, cancellationToken);

    public async Task<StoreResult<RangeAnswer>> RangeAsync(KeyRange range, CancellationToken cancellationToken)
    {
        var before = Interlocked.Read(ref _highest);
        var answer = await store.RangeAsync(range, cancellationToken).ConfigureAwait(false);
        return answer.Value is { } found && Check(before, found.Revision) is { } error ? error : answer;
    }

    public async Task<StoreResult<TransactionAnswer>> CommitAsync(StoreTransaction transaction, CancellationToken cancellationToken)
    {
        var before = Interlocked.Read(ref _highest);
        var answer = await store.CommitAsync(transaction, cancellationToken).ConfigureAwait(false);
        return answer.Value is { } done && Check(before, done.Revision) is { } error ? error : answer;
    }

    public async IAsyncEnumerable<WatchMessage> WatchAsync(string prefix, long fromRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var message in store.WatchAsync(prefix, fromRevision, cancellationToken).ConfigureAwait(false))
        {
            if (message is WatchMessage.Batch batch)
            {
                Raise(batch.Revision);
            }

            yield return message;
        }
    }

    // Only what was seen before the call had to be in the answer.
    private StoreError? Check(long before, long revision)
    {
        if (revision >= before)
        {
            Raise(revision);
            return null;
        }

        // Whoever notices first speaks for all: from here on it is the store that there is.
        if (Interlocked.CompareExchange(ref _highest, revision, before) == before)
        {
            wentBack();
        }

        return new StoreError(StoreFailure.Unavailable, MayBeDone: true, $"the store has gone back, from revision {before} to {revision}");
    }

    private void Raise(long revision)
    {
        var highest = Interlocked.Read(ref _highest);
        while (revision > highest)
        {
            var seen = Interlocked.CompareExchange(ref _highest, revision, highest);
            (highest, revision) = seen == highest ? (revision, revision) : (seen, revision);
        }
    }
}
