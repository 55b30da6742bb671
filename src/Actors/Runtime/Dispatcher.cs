namespace Instancer.Actors.Runtime;

/// <summary>Decides when, and on which thread, a mailbox that has messages runs.</summary>
public abstract class Dispatcher
{
    /// <summary>How many messages a mailbox may handle before others get their turn.</summary>
    public abstract int Throughput { get; }

    /// <summary>Has <paramref name="mailbox"/> run once. It asks again if it has messages left.</summary>
    public abstract void Schedule(IRunnableMailbox mailbox);
}

/// <summary>A mailbox that has messages.</summary>
public interface IRunnableMailbox
{
    /// <summary>The actor's path, for logs and traces.</summary>
    string Path { get; }

    /// <summary>Handles up to <see cref="Dispatcher.Throughput"/> messages. Not to be called but for a <see cref="Dispatcher.Schedule"/>.</summary>
    void Run();
}
