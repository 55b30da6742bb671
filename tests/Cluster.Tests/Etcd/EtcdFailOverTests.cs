using System.Diagnostics;
using Instancer.Cluster.Etcd;
using Instancer.TestKit.Cluster;
using Instancer.TestKit.Docker;

namespace Instancer.Cluster.Tests.Etcd;

/// <summary>Three real members, of which some fail.</summary>
public sealed class EtcdFailOverTests : IAsyncLifetime
{
    // Longer than the default, so that a machine that is busy with other tests does not look like a member that fails.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(4);

    private EtcdCluster _etcd = null!;
    private EtcdStore _store = null!;

    public async Task InitializeAsync()
    {
        if (EtcdCluster.Obstacle is { } obstacle)
        {
            throw new InvalidOperationException($"The tests need etcd: {obstacle}.");
        }

        _etcd = await EtcdCluster.StartAsync(members: 3);
        _store = StoreOn(0, 1, 2);
    }

    public async Task DisposeAsync()
    {
        _store.Dispose();
        await _etcd.DisposeAsync();
    }

    [EtcdFact]
    public async Task A_member_that_was_killed_is_passed_over_within_the_time_out()
    {
        var leader = await _etcd.LeaderAsync();
        var follower = (leader + 1) % 3;
        // The dead one is asked first.
        using var store = StoreOn(follower, leader, (leader + 2) % 3);
        Assert.True((await PutAsync(store, "k", "1")).Succeeded);
        await _etcd.KillAsync(follower);
        var watch = Stopwatch.StartNew();
        var read = await store.RangeAsync(KeyRange.One("k"), CancellationToken.None);
        Assert.Equal("1", Assert.Single(read.Value?.Items ?? []).Value);
        Assert.True(watch.Elapsed < Limit, $"{watch.Elapsed}");
        // Also a change, which is not repeated where it may have been carried out.
        Assert.True((await PutAsync(store, "k", "2")).Succeeded);
    }

    [EtcdFact]
    public async Task When_the_leader_is_stopped_calls_are_answered_again_and_its_watches_end()
    {
        var leader = await _etcd.LeaderAsync();
        using var store = StoreOn(leader, (leader + 1) % 3, (leader + 2) % 3);
        var put = await PutAsync(store, "k", "1");
        await using var watch = new WatchLog(store, "", put.Value!.Revision);
        await Until.TrueAsync(() => watch.Changes.Count == 1, stated: "the watch works");
        await _etcd.SignalAsync(leader, "STOP");

        var lost = await PutAsync(store, "late", "");
        Assert.Equal((StoreFailure.TimedOut, true), (lost.Error?.Failure, lost.Error?.MayBeDone));
        await Until.TrueAsync(async () => (await PutAsync(store, "k", "2")).Succeeded, stated: "another leads");
        await Until.TrueAsync(() => watch.End is not null, stated: "the watch at the stopped member ends");
        Assert.IsType<WatchMessage.Lost>(watch.End);

        // Nothing was left out for who goes on.
        await using var next = new WatchLog(store, "", watch.Revision + 1);
        await Until.TrueAsync(() => next.Changes.Any(change => change.Value == "2"), stated: "the watch goes on elsewhere");
        await _etcd.SignalAsync(leader, "CONT");
    }

    [EtcdFact]
    public async Task A_member_that_is_cut_off_from_the_majority_does_not_look_alive()
    {
        var left = await _etcd.LeaderAsync();
        using var store = StoreOn(left);
        var put = await PutAsync(store, "k", "1");
        await using var watch = new WatchLog(store, "", put.Value!.Revision);
        await Until.TrueAsync(() => watch.Changes.Count == 1, stated: "the watch works");
        await _etcd.SignalAsync((left + 1) % 3, "STOP");
        await _etcd.SignalAsync((left + 2) % 3, "STOP");

        await Until.TrueAsync(() => watch.End is not null, stated: "the watch ends");
        Assert.IsType<WatchMessage.Lost>(watch.End);
        var read = await store.RangeAsync(KeyRange.One("k"), CancellationToken.None);
        Assert.True(read.Error?.Failure is StoreFailure.Unavailable or StoreFailure.TimedOut, $"{read}");
        Assert.False((await PutAsync(store, "k", "2")).Succeeded);
        Assert.False((await store.KeepAliveAsync(1, CancellationToken.None)).Succeeded);
    }

    [EtcdFact]
    public async Task When_all_are_down_calls_fail_in_time_and_were_not_carried_out()
    {
        Assert.True((await PutAsync(_store, "k", "1")).Succeeded);
        var lease = (await _store.GrantAsync(TimeSpan.FromSeconds(60), CancellationToken.None)).Value!;
        await using var watch = new WatchLog(_store, "", 1);
        await Until.TrueAsync(() => watch.Changes.Count == 1, stated: "the watch works");
        for (var member = 0; member < 3; member++)
        {
            await _etcd.KillAsync(member);
        }

        await Until.TrueAsync(() => watch.End is WatchMessage.Lost, stated: "the watch ends");
        var clock = Stopwatch.StartNew();
        var put = await PutAsync(_store, "k", "2");
        Assert.Equal((StoreFailure.Unavailable, false), (put.Error?.Failure, put.Error?.MayBeDone));
        Assert.Equal(3, put.Error!.Message.Split("; ").Length);
        Assert.Equal(StoreFailure.Unavailable, (await _store.KeepAliveAsync(lease.Id, CancellationToken.None)).Error?.Failure);
        Assert.Equal(StoreFailure.Unavailable, (await _store.RevokeAsync(lease.Id, CancellationToken.None))?.Failure);
        Assert.True(clock.Elapsed < Limit, $"{clock.Elapsed}");
        await using var none = new WatchLog(_store, "", 1);
        await Until.TrueAsync(() => none.End is WatchMessage.Lost, stated: "a watch that cannot begin ends");
    }

    private EtcdStore StoreOn(params int[] members) =>
        new(_etcd.Options with { Endpoints = [.. members.Select(_etcd.Url)], Timeout = Limit }, TimeProvider.System);

    private static Task<StoreResult<TransactionAnswer>> PutAsync(EtcdStore store, string key, string value) =>
        store.CommitAsync(new StoreTransaction(new StoreOperation.Put(key, value)), CancellationToken.None);
}
