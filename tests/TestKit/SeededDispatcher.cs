using Instancer.Actors.Runtime;

namespace Instancer.TestKit;

/// <summary>One thread, one message at a time, in an order that a seed decides: every interleaving can be had again.</summary>
public sealed class SeededDispatcher(Random random) : Dispatcher
{
    private readonly List<IRunnableMailbox> _runnable = [];

    /// <summary>Whether any mailbox has messages.</summary>
    public bool HasWork => _runnable.Count > 0;

    public override int Throughput => 1;

    /// <summary>Has some mailbox handle one message; false if none has any.</summary>
    public bool RunOne()
    {
        if (_runnable.Count == 0)
        {
            return false;
        }

        var index = random.Next(_runnable.Count);
        var mailbox = _runnable[index];
        _runnable[index] = _runnable[^1];
        _runnable.RemoveAt(_runnable.Count - 1);
        mailbox.Run();
        return true;
    }

    /// <summary>Runs until no mailbox has messages.</summary>
    public void RunAll()
    {
        while (RunOne())
        {
        }
    }

    /// <summary>Forgets everything, as a killed process does.</summary>
    public void Clear() => _runnable.Clear();

    public override void Schedule(IRunnableMailbox mailbox) => _runnable.Add(mailbox);
}
