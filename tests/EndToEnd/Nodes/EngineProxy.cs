using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Instancer.EndToEnd.Nodes;

/// <summary>
/// Between a node and the engine, on a unix socket: passes everything on, and holds requests of one method back as long as the test wants.
/// </summary>
internal sealed class EngineProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _engine;
    private readonly byte[] _method;
    private readonly Task _accepting;

    /// <param name="path">Where it listens.</param>
    /// <param name="engine">The engine's address as DOCKER_HOST takes it; a unix socket.</param>
    /// <param name="hold">The method of the requests to hold back, such as DELETE; null for none.</param>
    public EngineProxy(string path, string engine, string? hold = null)
    {
        _engine = engine["unix://".Length..];
        _method = hold is null ? [] : [.. System.Text.Encoding.ASCII.GetBytes(hold), (byte)' '];
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(128);
        _accepting = AcceptAsync();
    }

    /// <summary>Ends when a request is being held back.</summary>
    public Task Held => _held.Task;

    /// <summary>Lets what is held back, and all that follows, pass.</summary>
    public void Release() => _released.TrySetResult();

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

    private async Task ServeAsync(Socket node)
    {
        using var engine = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (node)
        {
            try
            {
                await engine.ConnectAsync(new UnixDomainSocketEndPoint(_engine), _stopped.Token);
                var there = PassAsync(node, engine, mayHold: true);
                var back = PassAsync(engine, node, mayHold: false);

                // The engine's end of a connection, and the node's, end it whole: HTTP has no use for half of one.
                await await Task.WhenAny(there, back);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One of them has gone, or the test is over: closing both says it to whoever is left.
                node.Close();
            }
        }
    }

    private async Task PassAsync(Socket source, Socket sink, bool mayHold)
    {
        var chunk = new byte[64 * 1024];
        while (await source.ReceiveAsync(chunk, _stopped.Token) is > 0 and var count)
        {
            // The node sends a request in one piece, and the next one when it has the answer.
            if (mayHold && _method.Length > 0 && chunk.AsSpan(0, count).StartsWith(_method))
            {
                _held.TrySetResult();
                await _released.Task.WaitAsync(_stopped.Token);
            }

            for (var sent = 0; sent < count;)
            {
                sent += await sink.SendAsync(chunk.AsMemory(sent, count - sent), _stopped.Token);
            }
        }
    }
}
