namespace Instancer.Actors.Runtime;

/// <summary>What others hold of an actor, whatever messages it takes: enough to watch it.</summary>
public abstract class ActorRef
{
    private protected ActorRef(ActorCell cell) => Cell = cell;

    /// <summary>Where the actor stands in the tree, for logs: the names of its ancestors and its own.</summary>
    public string Path => Cell.Path;

    internal ActorCell Cell { get; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}

/// <summary>What others hold of an actor: they can tell it a <typeparamref name="TMessage"/>, from any thread.</summary>
/// <typeparam name="TMessage">The root of the messages that the actor takes.</typeparam>
public sealed class ActorRef<TMessage> : ActorRef
    where TMessage : class
{
    private readonly ActorCell<TMessage> _cell;

    internal ActorRef(ActorCell<TMessage> cell)
        : base(cell) => _cell = cell;

    internal Actor<TMessage>? Incarnation => _cell.Incarnation;

    /// <summary>
    /// Puts <paramref name="message"/> into the actor's mailbox and returns at once. Messages from one sender arrive in the order
    /// they were told. One for an actor that has stopped becomes a dead letter.
    /// </summary>
    public void Tell(TMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        _cell.Post(message);
    }
}
