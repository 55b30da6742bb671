using Instancer.TestKit;
using Instancer.TestKit.Cluster;

namespace Instancer.Cluster.Tests;

/// <summary>A store whose disks are put back to what they were, as its clients see it.</summary>
public sealed class SteadyStoreTests
{
    private readonly Queue<Action> _steps = [];
    private readonly SwitchedStore _disks;
    private readonly IKeyValueStore _backup;
    private readonly SteadyStore _store;
    private int _told;

    public SteadyStoreTests()
    {
        var time = new VirtualTime();
        _disks = new SwitchedStore(new FakeEtcd(time, _steps.Enqueue).Connect());
        _backup = new FakeEtcd(time, _steps.Enqueue).Connect();
        _store = new SteadyStore(_disks, () => _told++);
    }

    [Fact]
    public async Task An_answer_from_before_what_was_seen_is_none_and_is_told_once()
    {
        Assert.True((await PutAsync("a")).Succeeded);
        Assert.True((await PutAsync("b")).Succeeded);
        _disks.Now = _backup;

        // It is carried out, in a past that knows nothing of what was decided.
        var put = await PutAsync("c");
        Assert.Equal((StoreFailure.Unavailable, true, "the store has gone back, from revision 3 to 2"), (put.Error!.Failure, put.Error.MayBeDone, put.Error.Message));
        Assert.Equal(1, _told);

        // From then on it is the store that there is.
        Assert.True((await DoneAsync(_store.RangeAsync(KeyRange.One("c"), CancellationToken.None))).Succeeded);
        Assert.True((await PutAsync("d")).Succeeded);
        Assert.Equal(1, _told);
    }

    [Fact]
    public async Task What_is_read_counts_as_what_is_written()
    {
        await PutAsync("a");
        _disks.Now = _backup;
        Assert.Equal(StoreFailure.Unavailable, (await DoneAsync(_store.RangeAsync(KeyRange.One("a"), CancellationToken.None))).Error?.Failure);
        Assert.Equal(1, _told);
    }

    [Fact]
    public async Task An_answer_to_what_was_asked_before_the_latest_was_seen_is_one()
    {
        await PutAsync("a");
        var early = _store.RangeAsync(KeyRange.One("a"), CancellationToken.None);
        // Carried out, and not answered yet.
        _steps.Dequeue()();
        var answer = _steps.Dequeue();
        await PutAsync("b");
        answer();
        Assert.True((await early).Succeeded);
        Assert.Equal(0, _told);
    }

    private Task<StoreResult<TransactionAnswer>> PutAsync(string key) =>
        DoneAsync(_store.CommitAsync(new StoreTransaction(new StoreOperation.Put(key, "1")), CancellationToken.None));

    private Task<T> DoneAsync<T>(Task<T> call)
    {
        while (_steps.TryDequeue(out var step))
        {
            step();
        }

        return call;
    }

    /// <summary>A store that can be another from one moment to the next.</summary>
    private sealed class SwitchedStore(IKeyValueStore first) : IKeyValueStore
    {
        public IKeyValueStore Now { get; set; } = first;

        public Task<StoreResult<Lease>> GrantAsync(TimeSpan ttl, CancellationToken cancellationToken) => Now.GrantAsync(ttl, cancellationToken);

        public Task<StoreResult<KeepAlive>> KeepAliveAsync(long lease, CancellationToken cancellationToken) => Now.KeepAliveAsync(lease, cancellationToken);

        public Task<StoreError?> RevokeAsync(long lease, CancellationToken cancellationToken) => Now.RevokeAsync(lease, cancellationToken);

        public Task<StoreResult<RangeAnswer>> RangeAsync(KeyRange range, CancellationToken cancellationToken) => Now.RangeAsync(range, cancellationToken);

        public Task<StoreResult<TransactionAnswer>> CommitAsync(StoreTransaction transaction, CancellationToken cancellationToken) => Now.CommitAsync(transaction, cancellationToken);

        public IAsyncEnumerable<WatchMessage> WatchAsync(string prefix, long fromRevision, CancellationToken cancellationToken) =>
            Now.WatchAsync(prefix, fromRevision, cancellationToken);
    }
}
