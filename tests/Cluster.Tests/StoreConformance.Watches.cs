using Instancer.TestKit.Cluster;

namespace Instancer.Cluster.Tests;

public abstract partial class StoreConformance
{
    [EtcdFact]
    public async Task A_watch_tells_what_was_and_what_comes_and_only_below_its_prefix()
    {
        var lease = await GrantedAsync();
        var first = (await PutAsync("in/1", "a")).Revision;
        await PutAsync("out", "x");
        var watch = Watch(first, Key("in/"));
        await SeenAsync(watch, seen => seen.Changes.Count == 1, "what was");
        await PutAsync("out", "y");
        var second = await CommittedAsync(new StoreTransaction(
            new StoreOperation.Delete(KeyRange.One(Key("in/1"))), new StoreOperation.Put(Key("in/2"), "b", lease.Id), new StoreOperation.Put(Key("out"), "z")));
        await SeenAsync(watch, seen => seen.Changes.Count == 3, "what comes");

        Assert.Equal(
            [new(Key("in/1"), "a", first, 0), new(Key("in/1"), null, second.Revision, 0), new StoreChange(Key("in/2"), "b", second.Revision, lease.Id)],
            watch.Changes);
        Assert.Equal([first, second.Revision], watch.Messages.Cast<WatchMessage.Batch>().Select(batch => batch.Revision));
        Assert.Null(await Store.RevokeAsync(lease.Id, CancellationToken.None));
    }

    [EtcdFact]
    public async Task A_watch_that_goes_on_where_another_ended_leaves_nothing_out_and_tells_nothing_twice()
    {
        const int Rounds = 5;
        const int Each = 30;
        var next = (await AllAsync()).Revision + 1;
        List<StoreChange> seen = [];
        List<long> revisions = [];
        for (var round = 0; round < Rounds; round++)
        {
            var watch = Watch(next);
            var writing = Task.WhenAll(Enumerable.Range(0, Each).Select(number => PutAsync($"{number}", $"{round}")));
            await SeenAsync(watch, log => log.Changes.Count > 0, "the first of a round");
            // In the middle of what is going on.
            await watch.DisposeAsync();
            seen.AddRange(watch.Changes);
            next = watch.Revision + 1;
            revisions.AddRange((await writing).Select(answer => answer.Revision));
        }

        var last = Watch(next);
        await SeenAsync(last, log => seen.Count + log.Changes.Count >= Rounds * Each, "the rest");
        seen.AddRange(last.Changes);
        Assert.Equal(revisions.Order(), seen.Select(change => change.ModRevision));
    }

    [EtcdFact]
    public async Task Several_watches_see_the_same()
    {
        var from = (await AllAsync()).Revision + 1;
        var watches = Enumerable.Range(0, 5).Select(_ => Watch(from)).ToList();
        for (var number = 0; number < 10; number++)
        {
            await PutAsync("k", $"{number}");
        }

        foreach (var watch in watches)
        {
            await SeenAsync(watch, seen => seen.Changes.Count == 10, "all of them");
            Assert.Equal(watches[0].Changes, watch.Changes);
        }
    }

    [EtcdFact]
    public async Task A_watch_from_before_a_compaction_is_told_so()
    {
        var first = (await PutAsync("k", "1")).Revision;
        await PutAsync("k", "2");
        var third = (await PutAsync("k", "3")).Revision;
        await CompactAsync(third);

        var late = Watch(first);
        await SeenAsync(late, seen => seen.End is not null, "the end");
        Assert.Equal([new WatchMessage.Compacted(third)], late.Messages);
        var inTime = Watch(third);
        await SeenAsync(inTime, seen => seen.Changes.Count == 1, "what is left");
        Assert.Equal("3", inTime.Changes[0].Value);
        Assert.Null(inTime.End);
        Assert.Equal("3", (await GetAsync("k"))?.Value);
    }

    [EtcdFact]
    public async Task A_watch_ends_when_it_is_cancelled()
    {
        using var stopping = new CancellationTokenSource();
        await using var watch = Store.WatchAsync(Prefix, (await AllAsync()).Revision + 1, stopping.Token).GetAsyncEnumerator();
        var next = watch.MoveNextAsync().AsTask();
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }
}
