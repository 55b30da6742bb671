using Instancer.Cluster.Etcd;
using Instancer.TestKit.Cluster;
using Instancer.TestKit.Docker;

namespace Instancer.Cluster.Tests.Etcd;

/// <summary>An etcd that is started again on its data.</summary>
public sealed class EtcdRestartTests
{
    [EtcdFact]
    public async Task Keys_leases_and_revisions_are_there_again()
    {
        await using var etcd = await EtcdCluster.StartAsync();
        using var store = new EtcdStore(etcd.Options with { Timeout = TimeSpan.FromSeconds(10) }, TimeProvider.System);
        var lease = (await store.GrantAsync(TimeSpan.FromSeconds(60), CancellationToken.None)).Value!;
        var put = (await store.CommitAsync(new StoreTransaction(new StoreOperation.Put("k", "v", lease.Id)), CancellationToken.None)).Value!;
        await using var watch = new WatchLog(store, "", put.Revision + 1);

        await etcd.KillAsync(0);
        await Until.TrueAsync(() => watch.End is WatchMessage.Lost, stated: "the watch ends");
        var down = await store.RangeAsync(KeyRange.One("k"), CancellationToken.None);
        Assert.Equal((StoreFailure.Unavailable, $"etcd at {etcd.Url(0)}: Connection refused"), (down.Error?.Failure, down.Error?.Message));
        await etcd.StartAgainAsync(0);

        var read = (await store.RangeAsync(KeyRange.One("k"), CancellationToken.None)).Value!;
        Assert.Equal(new KeyValue("k", "v", put.Revision, put.Revision, lease.Id), Assert.Single(read.Items));
        Assert.NotNull((await store.KeepAliveAsync(lease.Id, CancellationToken.None)).Value?.Remaining);
        await using var next = new WatchLog(store, "", put.Revision + 1);
        Assert.Null(await store.RevokeAsync(lease.Id, CancellationToken.None));
        await Until.TrueAsync(() => next.Changes.Count == 1, stated: "the watch goes on");
        Assert.Null(next.Changes[0].Value);
    }
}
