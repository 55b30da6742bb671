using Instancer.TestKit;
using Instancer.TestKit.Cluster;

namespace Instancer.Cluster.Tests;

/// <summary>What only the model can do: each step when the test wants it, links that are cut, slow or lose answers.</summary>
public sealed class FakeEtcdTests
{
    private readonly VirtualTime _time = new();
    private readonly Queue<Action> _steps = [];
    private readonly FakeEtcd _etcd;
    private readonly FakeEtcdLink _link;

    public FakeEtcdTests()
    {
        _etcd = new FakeEtcd(_time, _steps.Enqueue);
        _link = _etcd.Connect();
    }

    [Fact]
    public async Task A_request_is_carried_out_in_one_step_and_answered_in_another()
    {
        var call = Put(_link, "k");
        Assert.Empty(_etcd.Items);
        _steps.Dequeue()();
        Assert.Single(_etcd.Items);
        Assert.False(call.IsCompleted);
        _steps.Dequeue()();
        Assert.True((await call).Succeeded);
    }

    [Fact]
    public async Task An_answer_that_is_lost_leaves_the_outcome_open()
    {
        _link.LoseAnswers = 1;
        var call = Put(_link, "k");
        Drain();
        _time.Advance(_link.Timeout);
        Assert.Equal((StoreFailure.TimedOut, true), Failure(await call));
        Assert.Single(_etcd.Items);
        var next = Put(_link, "k");
        Drain();
        Assert.True((await next).Succeeded);
    }

    [Fact]
    public async Task A_request_that_was_given_up_may_be_carried_out_later()
    {
        var call = Put(_link, "k");
        _time.Advance(_link.Timeout);
        Assert.Equal((StoreFailure.TimedOut, true), Failure(await call));
        Assert.Empty(_etcd.Items);
        Drain();
        Assert.Single(_etcd.Items);
    }

    [Fact]
    public async Task A_link_that_is_refused_fails_at_once_and_does_nothing()
    {
        _link.Set(LinkState.Refusing);
        var call = Put(_link, "k");
        Drain();
        Assert.Equal((StoreFailure.Unavailable, false), Failure(await call));
        Assert.Empty(_etcd.Items);
    }

    [Fact]
    public async Task A_slow_link_takes_its_time_both_ways()
    {
        _link.Delay = TimeSpan.FromMilliseconds(300);
        var call = Put(_link, "k");
        Pass(TimeSpan.FromMilliseconds(299));
        Assert.Empty(_etcd.Items);
        Pass(TimeSpan.FromMilliseconds(1));
        Assert.Single(_etcd.Items);
        Pass(TimeSpan.FromMilliseconds(299));
        Assert.False(call.IsCompleted);
        Pass(TimeSpan.FromMilliseconds(1));
        Assert.True((await call).Succeeded);
    }

    [Theory]
    [InlineData(LinkState.Silent)]
    [InlineData(LinkState.Refusing)]
    internal async Task A_cut_link_loses_its_watch_and_another_goes_on_without_loss_or_repetition(LinkState cut)
    {
        var other = _etcd.Connect();
        await using var before = new WatchLog(_link, "", 1);
        await DoneAsync(Put(other, "a"));
        // Told, and on its way when the cut comes.
        var underWay = Put(other, "b");
        _steps.Dequeue()();
        _link.Set(cut);
        await DoneAsync(underWay);
        await DoneAsync(Put(other, "c"));
        Pass(3 * _link.Timeout);
        Assert.Equal(["a"], before.Changes.Select(change => change.Key));
        Assert.IsType<WatchMessage.Lost>(before.End);

        _link.Set(LinkState.Up);
        await using var after = new WatchLog(_link, "", before.Revision + 1);
        await DoneAsync(Put(other, "d"));
        Assert.Equal(["b", "c", "d"], after.Changes.Select(change => change.Key));
    }

    [Fact]
    public async Task A_cut_link_does_not_keep_a_lease_alive()
    {
        var granting = _link.GrantAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
        Drain();
        var lease = (await granting).Value!;
        _link.Set(LinkState.Silent);
        var keeping = _link.KeepAliveAsync(lease.Id, CancellationToken.None);
        Pass(TimeSpan.FromSeconds(9.9));
        Assert.Equal((StoreFailure.TimedOut, true), Failure(await keeping));
        _link.Set(LinkState.Up);
        _etcd.ExtendLeases();
        Pass(TimeSpan.FromSeconds(9.9));
        var kept = _link.KeepAliveAsync(lease.Id, CancellationToken.None);
        Drain();
        Assert.Equal(lease.Ttl, (await kept).Value?.Remaining);
        Pass(TimeSpan.FromSeconds(10));
        var late = _link.KeepAliveAsync(lease.Id, CancellationToken.None);
        Drain();
        Assert.Null((await late).Value?.Remaining);
        Assert.True((await late).Succeeded);
    }

    private static Task<StoreResult<TransactionAnswer>> Put(FakeEtcdLink link, string key) =>
        link.CommitAsync(new StoreTransaction(new StoreOperation.Put(key, "")), CancellationToken.None);

    private static (StoreFailure? Failure, bool? MayBeDone) Failure<T>(StoreResult<T> result)
        where T : class
        => (result.Error?.Failure, result.Error?.MayBeDone);

    private async Task DoneAsync(Task<StoreResult<TransactionAnswer>> call)
    {
        Drain();
        Assert.True((await call).Succeeded);
    }

    private void Drain()
    {
        while (_steps.TryDequeue(out var step))
        {
            step();
        }
    }

    private void Pass(TimeSpan time)
    {
        _time.Advance(time);
        Drain();
    }
}
