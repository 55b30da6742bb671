using Instancer.Actors;

namespace Instancer.Cluster.Ownership;

/// <summary>
/// Has other nodes remove what they have of a token: a mark at each owner for each instance, on the owner's lease, so that it goes with the owner. The owner deletes it when the
/// backend is gone.
/// </summary>
internal sealed class ResetRequest(string node, IKeyValueStore store, TimeProvider time)
{
    /// <summary>How long the owners may take. A container engine that is busy takes its time.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>How long to wait before a call that failed is made again.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);

    /// <summary>Null when all are gone, or in one line why that is not certain.</summary>
    public async ValueTask<string?> RunAsync(string challenge, TokenHash token, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await RemoveAsync(challenge, token, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "other nodes took too long to remove their instances";
        }
    }

    private async Task<string?> RemoveAsync(string challenge, TokenHash token, CancellationToken cancellationToken)
    {
        // What was left with a key is not to be served again, and what has an owner now is for that one to remove: no key can go from one to the other unseen.
        var look = new StoreTransaction(
            new StoreOperation.Delete(KeyRange.Below(ClusterKeys.LeftOf(challenge, token))),
            new StoreOperation.Get(KeyRange.Below(ClusterKeys.InstancesOf(challenge, token))));
        var found = await AskAsync(() => store.CommitAsync(look, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (!found.Succeeded)
        {
            return found.Error.Message;
        }

        List<string> marks = [];
        foreach (var item in found.Value.Gets[0].Where(item => item.Value != node))
        {
            if (!InstanceKey.TryParse(item.Key[ClusterKeys.Instances.Length..], out var key))
            {
                continue;
            }

            var mark = ClusterKeys.Reset(item.Value, key);
            var put = await AskAsync(() => store.CommitAsync(Put(mark, item, key), cancellationToken), cancellationToken).ConfigureAwait(false);
            if (put.Error is { Failure: StoreFailure.LeaseGone })
            {
                // The owner has gone, and may have left it in the same moment.
                var forget = new StoreTransaction(new StoreOperation.Delete(KeyRange.One(ClusterKeys.Left(key))));
                put = await AskAsync(() => store.CommitAsync(forget, cancellationToken), cancellationToken).ConfigureAwait(false);
                if (put.Succeeded)
                {
                    continue;
                }
            }

            if (!put.Succeeded)
            {
                return put.Error.Message;
            }

            // What has changed hands since is another instance.
            if (put.Value.Succeeded)
            {
                marks.Add(mark);
            }
        }

        foreach (var mark in marks)
        {
            if (await GoneAsync(mark, cancellationToken).ConfigureAwait(false) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    // If the key has been left meanwhile, what is noted of that is not to be served again.
    private StoreTransaction Put(string mark, KeyValue item, InstanceKey key) => new(
        [new StoreCompare.CreatedAt(item.Key, item.CreateRevision), new StoreCompare.HasLease(item.Key, item.Lease)],
        [new StoreOperation.Put(mark, node, item.Lease)],
        [new StoreOperation.Delete(KeyRange.One(ClusterKeys.Left(key)))]);

    private async Task<string?> GoneAsync(string mark, CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await AskAsync(() => store.RangeAsync(KeyRange.One(mark), cancellationToken), cancellationToken).ConfigureAwait(false);
            if (!found.Succeeded)
            {
                return found.Error.Message;
            }

            if (found.Value.Items.Count == 0 || await SeenToGoAsync(mark, found.Value.Revision + 1, cancellationToken).ConfigureAwait(false))
            {
                return null;
            }

            await PauseAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // False if the watch ends before, and it has to be looked again.
    private async Task<bool> SeenToGoAsync(string mark, long fromRevision, CancellationToken cancellationToken)
    {
        await foreach (var message in store.WatchAsync(mark, fromRevision, cancellationToken).ConfigureAwait(false))
        {
            if (message is WatchMessage.Batch batch && batch.Changes.Any(change => change.Key == mark && change.Value is null))
            {
                return true;
            }
        }

        return false;
    }

    // Again and again if it is not known, or only now, that it did not work.
    private async Task<StoreResult<T>> AskAsync<T>(Func<Task<StoreResult<T>>> ask, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            var answer = await ask().ConfigureAwait(false);
            if (answer.Error is not { Failure: StoreFailure.Unavailable or StoreFailure.TimedOut })
            {
                return answer;
            }

            await PauseAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // Not cut short, as it is short itself: who is given up would go on on another thread, which no simulation could follow.
    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Retry, time, CancellationToken.None).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
