using System.Threading.Tasks.Sources;

namespace Instancer.Gateway.Net.Linux;

/// <summary>Says that a socket may be tried again. One waiter at a time, which may be woken for nothing; nothing is allocated for a wait that cannot be given up.</summary>
internal sealed class EpollSignal : IValueTaskSource
{
    private const int Clear = 0;
    private const int IsSet = 1;
    private const int Awaited = 2;

    // The waiter goes on elsewhere: the loop's thread belongs to the sessions.
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private int _state;

    /// <summary>Sets it, and it stays set until it is cleared. From any thread.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _state, IsSet) == Awaited)
        {
            _core.SetResult(true);
        }
    }

    /// <summary>To be called before the socket is tried: what happens after that counts. Only while nobody waits.</summary>
    public void Reset() => Volatile.Write(ref _state, Clear);

    /// <summary>Ends when it is set, or <paramref name="cancellationToken"/> is cancelled: as any other waking, for nothing.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken) => cancellationToken.CanBeCanceled ? CancellableAsync(cancellationToken) : WaitForSetAsync();

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private ValueTask WaitForSetAsync()
    {
        _core.Reset();
        return Interlocked.CompareExchange(ref _state, Awaited, Clear) == IsSet ? ValueTask.CompletedTask : new ValueTask(this, _core.Version);
    }

    private async ValueTask CancellableAsync(CancellationToken cancellationToken)
    {
        await using (cancellationToken.UnsafeRegister(static state => ((EpollSignal)state!).Set(), this))
        {
            await WaitForSetAsync();
        }
    }
}
