namespace Instancer.Actors.Runtime;

/// <summary>
/// An actor: state that only its own handlers touch, one message at a time. Handlers are synchronous and never wait; what takes
/// time runs outside and its outcome comes back as a message (<see cref="IActorContext{TMessage}.PipeToSelf"/>).
/// </summary>
/// <typeparam name="TMessage">The root of the messages that the actor takes: immutable records of a closed hierarchy.</typeparam>
public abstract class Actor<TMessage>
    where TMessage : class
{
    private IActorContext<TMessage>? _context;

    /// <summary>The actor's surroundings. Not there yet in the constructor.</summary>
    protected IActorContext<TMessage> Context
        => _context ?? throw new InvalidOperationException("An actor has no context before it is started.");

    /// <summary>The actor's own reference.</summary>
    protected ActorRef<TMessage> Self => Context.Self;

    internal void Attach(IActorContext<TMessage> context) => _context = context;

    /// <summary>Handles one message. An exception is a bug or a broken dependency, and the parent's to decide upon.</summary>
    protected internal abstract void Receive(TMessage message);

    /// <summary>Runs before the first message of every incarnation.</summary>
    protected internal virtual void PreStart()
    {
    }

    /// <summary>
    /// Runs in the incarnation that failed, before it is replaced: the place to answer those who wait on it. Timers are cancelled
    /// afterwards, children live on.
    /// </summary>
    protected internal virtual void PreRestart(Exception cause)
    {
    }

    /// <summary>Runs once, when the actor and its children have stopped.</summary>
    protected internal virtual void PostStop()
    {
    }
}
