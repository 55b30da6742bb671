using Instancer.Cluster;
using Instancer.TestKit.Cluster;

namespace Instancer.Bench.Cluster;

/// <summary>
/// The model of etcd, without a way to it: every answer is there at once. The answers are kept, and can be given again without the model to somebody who
/// asks the same questions in the same order: what that takes is not the model's part.
/// </summary>
internal sealed class ModelStore(FakeEtcd etcd) : IKeyValueStore
{
    private readonly Queue<Task<StoreResult<TransactionAnswer>>> _kept = [];

    /// <summary>Whether answers are kept.</summary>
    public bool Keeps { get; set; }

    /// <summary>Whether the kept answers are given again.</summary>
    public bool Repeats { get; set; }

    public int Kept => _kept.Count;

    public Task<StoreResult<TransactionAnswer>> CommitAsync(StoreTransaction transaction, CancellationToken cancellationToken)
    {
        if (Repeats)
        {
            return _kept.Dequeue();
        }

        var answer = Task.FromResult(etcd.Commit(transaction));
        if (Keeps)
        {
            _kept.Enqueue(answer);
        }

        return answer;
    }

    public Task<StoreResult<RangeAnswer>> RangeAsync(KeyRange range, CancellationToken cancellationToken) =>
        Task.FromResult<StoreResult<RangeAnswer>>(etcd.Range(range));

    public Task<StoreResult<Lease>> GrantAsync(TimeSpan ttl, CancellationToken cancellationToken) =>
        Task.FromResult<StoreResult<Lease>>(etcd.Grant(ttl));

    public Task<StoreResult<KeepAlive>> KeepAliveAsync(long lease, CancellationToken cancellationToken) =>
        Task.FromResult<StoreResult<KeepAlive>>(etcd.KeepAlive(lease));

    public Task<StoreError?> RevokeAsync(long lease, CancellationToken cancellationToken)
    {
        etcd.Revoke(lease);
        return Task.FromResult<StoreError?>(null);
    }

    public IAsyncEnumerable<WatchMessage> WatchAsync(string prefix, long fromRevision, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Nothing that is measured here follows the store.");
}
