using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Instancer.Gateway.Net.Portable;

/// <summary>
/// Sees that sockets were reset, without reading them. .NET has no event for it, so it asks each socket once a second; on Linux
/// the epoll transport does without.
/// </summary>
internal sealed class ResetPoller : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Wait, Wait> _waits = new();
    private readonly ITimer _timer;

    public ResetPoller(TimeProvider time) =>
        _timer = time.CreateTimer(static state => ((ResetPoller)state!).Poll(), this, Period, Period);

    /// <summary>Ends when the socket was reset; cancelled with <paramref name="cancellationToken"/>.</summary>
    public async Task WaitAsync(Socket socket, CancellationToken cancellationToken)
    {
        var wait = new Wait(socket);
        _waits[wait] = wait;
        await using (cancellationToken.UnsafeRegister(static (state, token) => ((Wait)state!).Reset.TrySetCanceled(token), wait))
        {
            try
            {
                await wait.Reset.Task;
            }
            finally
            {
                _waits.TryRemove(wait, out _);
            }
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        foreach (var (wait, _) in _waits)
        {
            wait.Reset.TrySetCanceled();
        }
    }

    private void Poll()
    {
        foreach (var (wait, _) in _waits)
        {
            if (IsReset(wait.Socket))
            {
                wait.Reset.TrySetResult();
            }
        }
    }

    private static bool IsReset(Socket socket)
    {
        try
        {
            if (socket.Poll(0, SelectMode.SelectError))
            {
                return true;
            }

            // Where the error is not a condition of its own, a read shows it; a look takes nothing out.
            Span<byte> look = stackalloc byte[1];
            if (socket.Poll(0, SelectMode.SelectRead))
            {
                socket.Receive(look, SocketFlags.Peek, out var error);
                return error is not (SocketError.Success or SocketError.WouldBlock);
            }

            return false;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed on this side: whoever waits will hear it from there, and must not wait for ever.
            return true;
        }
    }

    private sealed record Wait(Socket Socket)
    {
        public TaskCompletionSource Reset { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Equals(Wait? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }
}
