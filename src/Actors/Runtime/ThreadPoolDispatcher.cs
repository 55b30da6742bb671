namespace Instancer.Actors.Runtime;

/// <summary>
/// Mailboxes run on the thread pool; one is queued there only while it has messages. A mailbox that a handler made runnable is run next by
/// that handler's thread, as long as there are only a few: handing it over would wake another thread, which costs more than the handler itself.
/// </summary>
public sealed class ThreadPoolDispatcher : Dispatcher
{
    /// <summary>So many may wait for one thread; the next goes to whichever thread is free.</summary>
    private const int MostWaiting = 8;

    /// <summary>So many are run in a row before others of the pool get their turn.</summary>
    private const int MostInARow = 128;

    [ThreadStatic]
    private static Queue<IRunnableMailbox>? _next;

    [ThreadStatic]
    private static bool _isRunning;

    /// <inheritdoc/>
    public override int Throughput => 64;

    /// <inheritdoc/>
    public override void Schedule(IRunnableMailbox mailbox)
    {
        if (_isRunning && _next!.Count < MostWaiting)
        {
            _next.Enqueue(mailbox);
        }
        else
        {
            Queue(mailbox);
        }
    }

    /// <summary>Runs a mailbox on a thread of the pool, and then those that it made runnable.</summary>
    internal static void RunOnPool(IRunnableMailbox mailbox)
    {
        var next = _next ??= new Queue<IRunnableMailbox>(MostWaiting);
        _isRunning = true;
        try
        {
            mailbox.Run();
            for (var run = 1; run < MostInARow && next.TryDequeue(out var other); run++)
            {
                other.Run();
            }
        }
        finally
        {
            _isRunning = false;
            while (next.TryDequeue(out var left))
            {
                Queue(left);
            }
        }
    }

    private static void Queue(IRunnableMailbox mailbox)
        => ThreadPool.UnsafeQueueUserWorkItem((IThreadPoolWorkItem)mailbox, preferLocal: true);
}
