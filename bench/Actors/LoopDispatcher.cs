using System.Collections.Concurrent;
using Instancer.Actors.Runtime;

namespace Instancer.Bench.Actors;

/// <summary>Runs mailboxes in turn on the one thread that calls <see cref="Run"/>: what is measured uses one core.</summary>
internal sealed class LoopDispatcher : Dispatcher
{
    private readonly ConcurrentQueue<IRunnableMailbox> _runnable = new();

    public override int Throughput => 64;

    public override void Schedule(IRunnableMailbox mailbox) => _runnable.Enqueue(mailbox);

    /// <summary>Runs until no mailbox has messages.</summary>
    public void Run()
    {
        while (_runnable.TryDequeue(out var mailbox))
        {
            mailbox.Run();
        }
    }
}
