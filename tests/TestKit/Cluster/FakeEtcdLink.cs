using System.Runtime.CompilerServices;
using Instancer.Cluster;

namespace Instancer.TestKit.Cluster;

/// <summary>How a client's way to the store is.</summary>
internal enum LinkState
{
    /// <summary>It works.</summary>
    Up,

    /// <summary>Whoever connects is refused at once.</summary>
    Refusing,

    /// <summary>Nothing passes, and nobody says so.</summary>
    Silent,
}

/// <summary>
/// One client's way to the model. A request takes two steps of the scheduler's, there and back, so that whatever else happens may happen between them; one that was given up
/// may still be carried out.
/// </summary>
internal sealed class FakeEtcdLink(FakeEtcd etcd, TimeProvider time, Action<Action> schedule, TimeProvider clientTime, Action<Action> deliver) : IKeyValueStore
{
    private readonly List<FakeEtcdWatch> _watches = [];

    /// <summary>How long a call waits for its answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long each step takes at least.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>How many of the next answers are lost after their request was carried out.</summary>
    public int LoseAnswers { get; set; }

    /// <summary>What the store answers instead of carrying out what is asked; null if it does as it is asked.</summary>
    public StoreError? Refusal { get; set; }

    public LinkState State { get; private set; }

    /// <summary>Cuts the link or mends it. Its watches end with the cut: what they were still to tell is lost.</summary>
    public void Set(LinkState state)
    {
        State = state;
        if (state != LinkState.Up)
        {
            foreach (var watch in _watches.ToArray())
            {
                Lose(watch);
            }
        }
    }

    /// <inheritdoc/>
    public Task<StoreResult<Lease>> GrantAsync(TimeSpan ttl, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ttl, TimeSpan.FromSeconds(1));
        return CallAsync<StoreResult<Lease>>(() => etcd.Grant(ttl), error => error, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<StoreResult<KeepAlive>> KeepAliveAsync(long lease, CancellationToken cancellationToken) =>
        CallAsync<StoreResult<KeepAlive>>(() => etcd.KeepAlive(lease), error => error, cancellationToken);

    /// <inheritdoc/>
    public Task<StoreError?> RevokeAsync(long lease, CancellationToken cancellationToken) => CallAsync<StoreError?>(
        () =>
        {
            etcd.Revoke(lease);
            return null;
        },
        error => error,
        cancellationToken);

    /// <inheritdoc/>
    public Task<StoreResult<RangeAnswer>> RangeAsync(KeyRange range, CancellationToken cancellationToken) =>
        CallAsync<StoreResult<RangeAnswer>>(() => etcd.Range(range), error => error, cancellationToken);

    /// <inheritdoc/>
    public Task<StoreResult<TransactionAnswer>> CommitAsync(StoreTransaction transaction, CancellationToken cancellationToken) =>
        CallAsync(() => etcd.Commit(transaction), error => error, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<WatchMessage> WatchAsync(string prefix, long fromRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fromRevision, 1);
        var watch = new FakeEtcdWatch(prefix, fromRevision, arrive => Travel(arrive, deliver));
        _watches.Add(watch);
        if (State == LinkState.Up)
        {
            Travel(() =>
            {
                if (State == LinkState.Up && _watches.Contains(watch))
                {
                    etcd.Open(watch);
                }
            }, schedule);
        }
        else
        {
            Lose(watch);
        }

        using var registration = cancellationToken.Register(watch.GiveUp);
        try
        {
            WatchMessage? message;
            do
            {
                message = await watch.NextAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                yield return message!;
            }
            while (message is WatchMessage.Batch);
        }
        finally
        {
            _watches.Remove(watch);
            etcd.Close(watch);
        }
    }

    private async Task<T> CallAsync<T>(Func<T> carryOut, Func<StoreError, T> fail, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>();
        if (State == LinkState.Refusing)
        {
            deliver(() => answer.TrySetResult(fail(new StoreError(StoreFailure.Unavailable, MayBeDone: false, "the link is refused"))));
        }
        else
        {
            Send(() => Refusal is { } refusal ? fail(refusal) : carryOut(), value => answer.TrySetResult(value));
        }

        // Not disposed of by an await: that would go on elsewhere if it is this that gives it up.
        using var registration = cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        var late = fail(new StoreError(StoreFailure.TimedOut, MayBeDone: true, "no answer came over the link"));
        await using var timer = clientTime.CreateTimer(_ => answer.TrySetResult(late), null, Timeout, System.Threading.Timeout.InfiniteTimeSpan);
        return await answer.Task.ConfigureAwait(false);
    }

    private void Send<T>(Func<T> carryOut, Action<T> answer) => Travel(() =>
    {
        if (State != LinkState.Up)
        {
            return;
        }

        var value = carryOut();
        if (LoseAnswers > 0)
        {
            LoseAnswers--;
            return;
        }

        Travel(() =>
        {
            if (State == LinkState.Up)
            {
                answer(value);
            }
        }, deliver);
    }, schedule);

    private void Lose(FakeEtcdWatch watch)
    {
        etcd.Close(watch);
        watch.Break();
        var lost = new WatchMessage.Lost($"the link is {State}");
        if (State == LinkState.Refusing)
        {
            deliver(() => watch.Say(lost));
        }
        else
        {
            // As the real one, which has to find out that nobody is there.
            clientTime.CreateTimer(_ => deliver(() => watch.Say(lost)), null, 2 * Timeout, System.Threading.Timeout.InfiniteTimeSpan);
        }
    }

    private void Travel(Action arrive, Action<Action> there)
    {
        if (Delay > TimeSpan.Zero)
        {
            time.CreateTimer(_ => there(arrive), null, Delay, System.Threading.Timeout.InfiniteTimeSpan);
        }
        else
        {
            there(arrive);
        }
    }
}
