using Instancer.TestKit.Cluster;

namespace Instancer.Cluster.Tests;

public abstract partial class StoreConformance
{
    [EtcdFact]
    public async Task A_lease_that_runs_out_takes_its_keys_and_a_watch_sees_it()
    {
        var lease = await GrantedAsync();
        Assert.NotEqual(0, lease.Id);
        Assert.True(lease.Ttl >= Ttl, $"{lease.Ttl}");
        await PutAsync("b", "mine", lease.Id);
        await PutAsync("stays", "others");
        var from = (await PutAsync("a", "mine", lease.Id)).Revision + 1;
        Assert.Equal(lease.Id, (await GetAsync("a"))?.Lease);
        var watch = Watch(from);

        await EventuallyAsync(async () => await GetAsync("a") is null, "the lease has run out");
        await SeenAsync(watch, seen => seen.Changes.Count == 2, "the watch sees the keys go");

        // Both at once, in their order, and nobody's any more.
        var revision = watch.Changes[0].ModRevision;
        Assert.Equal([new StoreChange(Key("a"), null, revision, 0), new StoreChange(Key("b"), null, revision, 0)], watch.Changes);
        Assert.Equal("stays", Assert.Single((await AllAsync()).Items).Key[Prefix.Length..]);
        Assert.Null(Value(await Store.KeepAliveAsync(lease.Id, CancellationToken.None)).Remaining);
        Assert.Equal(StoreFailure.LeaseGone, (await Store.CommitAsync(
            new StoreTransaction(new StoreOperation.Put(Key("a"), "", lease.Id)), CancellationToken.None)).Error?.Failure);
    }

    [EtcdFact]
    public async Task A_lease_that_is_kept_alive_outlives_others()
    {
        var kept = await GrantedAsync();
        var left = await GrantedAsync();
        await PutAsync("kept", "", kept.Id);
        await PutAsync("left", "", left.Id);
        await EventuallyAsync(
            async () =>
            {
                Assert.Equal(kept.Ttl, Value(await Store.KeepAliveAsync(kept.Id, CancellationToken.None)).Remaining);
                return await GetAsync("left") is null;
            },
            "the other one has run out");
        Assert.NotNull(await GetAsync("kept"));
        Assert.Null(await Store.RevokeAsync(kept.Id, CancellationToken.None));
    }

    [EtcdFact]
    public async Task A_lease_that_nobody_granted_is_gone()
    {
        Assert.Null(Value(await Store.KeepAliveAsync(4711, CancellationToken.None)).Remaining);
        Assert.Null(await Store.RevokeAsync(4711, CancellationToken.None));
    }

    [EtcdFact]
    public async Task Revoking_a_lease_deletes_its_keys_at_once()
    {
        var lease = await GrantedAsync();
        var from = (await PutAsync("k", "v", lease.Id)).Revision + 1;
        var watch = Watch(from);
        Assert.Null(await Store.RevokeAsync(lease.Id, CancellationToken.None));
        Assert.Null(await GetAsync("k"));
        Assert.Null(await Store.RevokeAsync(lease.Id, CancellationToken.None));
        Assert.Null(Value(await Store.KeepAliveAsync(lease.Id, CancellationToken.None)).Remaining);
        await SeenAsync(watch, seen => seen.Changes.Count == 1, "the watch sees the key go");
        Assert.Null(watch.Changes[0].Value);
    }

    [EtcdFact]
    public async Task A_put_takes_a_key_from_its_lease()
    {
        var first = await GrantedAsync();
        var second = await GrantedAsync();
        await PutAsync("freed", "", first.Id);
        await PutAsync("passed", "", first.Id);
        await PutAsync("again", "", first.Id);
        await PutAsync("freed", "");
        await PutAsync("passed", "", second.Id);
        await CommittedAsync(new StoreTransaction(new StoreOperation.Delete(KeyRange.One(Key("again")))));
        await PutAsync("again", "");
        Assert.Null(await Store.RevokeAsync(first.Id, CancellationToken.None));
        Assert.Equal([("again", 0L), ("freed", 0L), ("passed", second.Id)], (await AllAsync()).Items.Select(item => (item.Key[Prefix.Length..], item.Lease)));
        Assert.Null(await Store.RevokeAsync(second.Id, CancellationToken.None));
    }
}
