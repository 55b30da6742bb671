namespace Instancer.Cluster.Tests;

/// <summary>What the cluster relies on, whatever the store is: each test runs on a real etcd and on the model of it, so that the model is known to be right.</summary>
public abstract partial class StoreConformance : IAsyncLifetime
{
    private protected static readonly TimeSpan Ttl = TimeSpan.FromSeconds(2);

    private readonly List<WatchLog> _watches = [];

    /// <summary>The tests share a store; each has a prefix.</summary>
    private protected string Prefix { get; } = $"/test-{Guid.NewGuid():N}/";

    private protected IKeyValueStore Store { get; private set; } = null!;

    public async Task InitializeAsync() => Store = await OpenAsync();

    public virtual async Task DisposeAsync()
    {
        foreach (var watch in _watches)
        {
            await watch.DisposeAsync();
        }
    }

    private protected abstract Task<IKeyValueStore> OpenAsync();

    /// <summary>Lets time pass until the condition holds.</summary>
    private protected abstract Task EventuallyAsync(Func<Task<bool>> condition, string stated);

    /// <summary>Has the store forget what was before a revision.</summary>
    private protected abstract Task CompactAsync(long revision);

    private protected string Key(string name) => Prefix + name;

    private protected async Task<TransactionAnswer> CommittedAsync(StoreTransaction transaction) => Value(await Store.CommitAsync(transaction, CancellationToken.None));

    private protected Task<TransactionAnswer> PutAsync(string name, string value, long lease = 0) =>
        CommittedAsync(new StoreTransaction(new StoreOperation.Put(Key(name), value, lease)));

    private protected async Task<KeyValue?> GetAsync(string name)
    {
        var answer = Value(await Store.RangeAsync(KeyRange.One(Key(name)), CancellationToken.None));
        return answer.Items.Count == 0 ? null : Assert.Single(answer.Items);
    }

    private protected async Task<RangeAnswer> AllAsync(string below = "") => Value(await Store.RangeAsync(KeyRange.Below(Key(below)), CancellationToken.None));

    private protected async Task<Lease> GrantedAsync() => Value(await Store.GrantAsync(Ttl, CancellationToken.None));

    private protected WatchLog Watch(long fromRevision, string? prefix = null)
    {
        var watch = new WatchLog(Store, prefix ?? Prefix, fromRevision);
        _watches.Add(watch);
        return watch;
    }

    private protected Task SeenAsync(WatchLog watch, Func<WatchLog, bool> condition, string stated) =>
        EventuallyAsync(() => Task.FromResult(condition(watch)), stated);

    private protected static T Value<T>(StoreResult<T> result)
        where T : class
        => result.Value ?? throw new InvalidOperationException($"{result.Error}");
}
