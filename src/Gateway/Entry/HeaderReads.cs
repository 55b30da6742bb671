using Instancer.Gateway.Net;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Entry;

/// <summary>The headers of the PROXY protocol that are being read: side by side, so that nobody waits for another's; each in its time; and never more than so many, or the oldest goes.</summary>
/// <param name="entry">Reads them.</param>
/// <param name="timeout">How long one may take.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears of failures.</param>
/// <param name="most">How many are read at once. They come from trusted proxies, which send them without delay: it takes a broken one, or one that passes on what anybody sends it.</param>
internal sealed class HeaderReads(EntrySteps entry, TimeSpan timeout, TimeProvider time, ILogger logger, int most = 1024) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<CancellationTokenSource> _unfinished = new();
    private readonly Queue<GatedSocket> _ready = new();
    private TaskCompletionSource? _news;
    private bool _isClosed;

    /// <summary>Begins to read one.</summary>
    /// <param name="socket">The accepted socket, taken over.</param>
    public void Begin(IAcceptedSocket socket)
    {
        var late = new CancellationTokenSource(timeout, time);
        CancellationTokenSource? oldest = null;
        LinkedListNode<CancellationTokenSource>? read = null;
        lock (_lock)
        {
            if (!_isClosed)
            {
                if (_unfinished.Count == most)
                {
                    oldest = _unfinished.First!.Value;
                    _unfinished.RemoveFirst();
                }

                read = _unfinished.AddLast(late);
            }
        }

        GiveUp(oldest);
        if (read is null)
        {
            late.Dispose();
            socket.Dispose();
            return;
        }

        _ = ReadAsync(socket, read);
    }

    /// <summary>The next client whose header is read; null if there is none now.</summary>
    public GatedSocket? TryTake()
    {
        lock (_lock)
        {
            return _ready.TryDequeue(out var socket) ? socket : null;
        }
    }

    /// <summary>Ends when there may be something to take; null if nothing is being read.</summary>
    public Task? News()
    {
        lock (_lock)
        {
            return _ready.Count > 0 ? Task.CompletedTask
                : _unfinished.Count == 0 ? null
                : (_news ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Closes all that are being read, and those that nobody took.</summary>
    public void Dispose()
    {
        CancellationTokenSource[] unfinished;
        GatedSocket[] ready;
        TaskCompletionSource? news;
        lock (_lock)
        {
            _isClosed = true;
            (unfinished, ready) = ([.. _unfinished], [.. _ready]);
            _unfinished.Clear();
            _ready.Clear();
            (news, _news) = (_news, null);
        }

        Array.ForEach(unfinished, GiveUp);
        Array.ForEach(ready, socket => socket.Dispose());
        news?.SetResult();
    }

    private async Task ReadAsync(IAcceptedSocket socket, LinkedListNode<CancellationTokenSource> read)
    {
        GatedSocket? client = null;
        try
        {
            client = await entry.ReadHeaderAsync(socket, read.Value.Token);
        }
        catch (Exception e)
        {
            // Whatever is wrong, it is this connection's end and nobody else's.
            EntryLog.Failed(logger, e, socket.RemoteAddress);
            socket.Dispose();
        }

        End(read, client);
    }

    private void End(LinkedListNode<CancellationTokenSource> read, GatedSocket? client)
    {
        bool isMine;
        TaskCompletionSource? news;
        lock (_lock)
        {
            isMine = read.List is not null;
            if (isMine)
            {
                _unfinished.Remove(read);
            }

            if (client is not null && !_isClosed)
            {
                _ready.Enqueue(client);
                client = null;
            }

            (news, _news) = (_news, null);
        }

        if (isMine)
        {
            read.Value.Dispose();
        }

        client?.Dispose();
        news?.SetResult();
    }

    // Whoever took it out of the list disposes it, so that nobody cancels what is disposed.
    private static void GiveUp(CancellationTokenSource? late)
    {
        late?.Cancel();
        late?.Dispose();
    }
}
