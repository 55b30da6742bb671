using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Instancer.TestKit.Net;

/// <summary>A TCP proxy on 127.0.0.1 that does to each direction what its plan says.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly CancellationTokenSource _stopped = new();
    private readonly TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IPEndPoint _target;
    private readonly FaultPlan _fromClient;
    private readonly FaultPlan _fromTarget;
    private readonly Task _accepting;

    /// <param name="target">Where connections are passed on to.</param>
    /// <param name="fromClient">What happens to the bytes that clients send.</param>
    /// <param name="fromTarget">What happens to the bytes that the target sends.</param>
    public FaultProxy(IPEndPoint target, FaultPlan fromClient, FaultPlan fromTarget)
    {
        (_target, _fromClient, _fromTarget) = (target, fromClient, fromTarget);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1024);
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Ends when a direction of some connection has come to its <see cref="FaultPlan.StallAt"/>.</summary>
    public Task Stalled => _stalled.Task;

    /// <summary>Lets all stalled directions go on.</summary>
    public void Resume() => _resumed.TrySetResult();

    /// <summary>Closes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections);
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _connections.Add(ServeAsync(await _listener.AcceptAsync(_stopped.Token)));
            }
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var target = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            client.NoDelay = target.NoDelay = true;
            await ResetIfLostAsync(client, target, async () =>
            {
                await target.ConnectAsync(_target, _stopped.Token);
                await Task.WhenAll(
                    ResetIfLostAsync(client, target, () => PassAsync(client, target, _fromClient)),
                    ResetIfLostAsync(client, target, () => PassAsync(target, client, _fromTarget)));
            });
        }
    }

    private static async Task ResetIfLostAsync(Socket client, Socket target, Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Reset(client);
            Reset(target);
        }
    }

    private async Task PassAsync(Socket source, Socket sink, FaultPlan plan)
    {
        var chunk = new byte[64 * 1024];
        long offset = 0;
        while (true)
        {
            if (offset == plan.StallAt && !_resumed.Task.IsCompleted)
            {
                _stalled.TrySetResult();
                await _resumed.Task.WaitAsync(_stopped.Token);
            }

            if (offset == plan.ResetAt)
            {
                Reset(source);
                Reset(sink);
                return;
            }

            var count = offset == plan.EndAt
                ? 0
                : await source.ReceiveAsync(chunk.AsMemory(0, plan.Until(offset, chunk.Length)), _stopped.Token);
            if (count == 0)
            {
                sink.Shutdown(SocketShutdown.Send);
                return;
            }

            await sink.SendAsync(chunk.AsMemory(0, count), _stopped.Token);
            offset += count;
        }
    }

    private static void Reset(Socket socket)
    {
        if (!socket.SafeHandle.IsClosed)
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Dispose();
        }
    }
}
