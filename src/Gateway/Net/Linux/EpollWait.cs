namespace Instancer.Gateway.Net.Linux;

/// <summary>Waits once for a socket's event.</summary>
internal sealed class EpollWait : EpollHandler
{
    // The waiter goes on elsewhere: the loop's thread belongs to the sessions.
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private EpollWait()
    {
    }

    /// <summary>Ends when one of <paramref name="events"/> has come, or the socket is closed; cancelled with <paramref name="cancellationToken"/>.</summary>
    /// <exception cref="ObjectDisposedException">The socket is closed already.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The system has no memory, or no watch, left for it.</exception>
    public static Task ForAsync(SocketHandle socket, EpollLoop loop, EpollEvents events, CancellationToken cancellationToken)
    {
        var wait = new EpollWait();
        loop.Watch(socket, events | EpollEvents.Once, wait);
        return cancellationToken.CanBeCanceled ? wait.CancellableAsync(cancellationToken) : wait._ready.Task;
    }

    public override void OnEvents(EpollEvents events) => _ready.TrySetResult();

    public override void OnForgotten() => _ready.TrySetResult();

    private async Task CancellableAsync(CancellationToken cancellationToken)
    {
        await using (cancellationToken.UnsafeRegister(static (state, token) => ((EpollWait)state!)._ready.TrySetCanceled(token), this))
        {
            await _ready.Task;
        }
    }
}
