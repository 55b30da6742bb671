using System.Net.Sockets;

namespace Instancer.TestKit.Net;

/// <summary>Does to the bytes of each direction what its plan says.</summary>
public sealed class StreamFaults(FaultPlan fromClient, FaultPlan fromTarget) : IFaults
{
    private readonly TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when a direction of some connection has come to its <see cref="FaultPlan.StallAt"/>.</summary>
    public Task Stalled => _stalled.Task;

    /// <summary>Lets all stalled directions go on.</summary>
    public void Resume() => _resumed.TrySetResult();

    /// <inheritdoc/>
    public Task PassAsync(ProxiedConnection connection, CancellationToken stopped)
    {
        connection.Client.NoDelay = true;
        return Task.WhenAll(
            CutIfLostAsync(connection, () => PassAsync(connection, connection.Client, connection.Target, fromClient, stopped)),
            CutIfLostAsync(connection, () => PassAsync(connection, connection.Target, connection.Client, fromTarget, stopped)));
    }

    // At once, and not only when the other direction has ended as well.
    private static async Task CutIfLostAsync(ProxiedConnection connection, Func<Task> direction)
    {
        try
        {
            await direction();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            connection.Cut();
        }
    }

    private async Task PassAsync(ProxiedConnection connection, Socket source, Socket sink, FaultPlan plan, CancellationToken stopped)
    {
        var chunk = new byte[64 * 1024];
        long offset = 0;
        while (true)
        {
            if (offset == plan.StallAt && !_resumed.Task.IsCompleted)
            {
                _stalled.TrySetResult();
                await _resumed.Task.WaitAsync(stopped);
            }

            if (offset == plan.ResetAt)
            {
                connection.Cut();
                return;
            }

            var count = offset == plan.EndAt
                ? 0
                : await source.ReceiveAsync(chunk.AsMemory(0, plan.Until(offset, chunk.Length)), stopped);
            if (count == 0)
            {
                sink.Shutdown(SocketShutdown.Send);
                return;
            }

            await sink.SendAsync(chunk.AsMemory(0, count), stopped);
            offset += count;
        }
    }
}
