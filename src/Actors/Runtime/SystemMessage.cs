namespace Instancer.Actors.Runtime;

/// <summary>What passes before user messages: the runtime's own.</summary>
internal abstract class SystemMessage
{
    internal sealed class Start : SystemMessage
    {
        public static Start Instance { get; } = new();
    }

    internal sealed class Stop : SystemMessage
    {
        public static Stop Instance { get; } = new();
    }

    internal sealed class Restart(Exception cause) : SystemMessage
    {
        public Exception Cause => cause;
    }

    internal sealed class Watch(IWatcher watcher) : SystemMessage
    {
        public IWatcher Watcher => watcher;
    }

    internal sealed class Unwatch(object watcher) : SystemMessage
    {
        public object Watcher => watcher;
    }

    internal sealed class ChildFailed(ActorCell child, Exception cause) : SystemMessage
    {
        public ActorCell Child => child;

        public Exception Cause => cause;
    }

    internal sealed class ChildTerminated(ActorCell child) : SystemMessage
    {
        public ActorCell Child => child;
    }
}

/// <summary>Wants to know when an actor stops.</summary>
internal interface IWatcher
{
    /// <summary>Whether this is the watch of <paramref name="watcher"/>.</summary>
    bool Is(object watcher);

    /// <summary>The actor has stopped.</summary>
    void OnTerminated();

    /// <summary>The actor has failed: what it had promised is void.</summary>
    void OnFailed();
}

/// <summary>An actor that watches another.</summary>
internal sealed class ActorWatcher<TMessage>(ActorCell<TMessage> watcher, TMessage message) : IWatcher
    where TMessage : class
{
    public bool Is(object other) => ReferenceEquals(other, watcher);

    public void OnTerminated() => watcher.Post(message);

    public void OnFailed()
    {
    }
}
