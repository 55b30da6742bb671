using Instancer.Actors.Runtime;

namespace Instancer.TestKit;

/// <summary>An actor whose handlers a test writes down where it needs them.</summary>
public sealed class TestActor<TMessage> : Actor<TMessage>
    where TMessage : class
{
    public Action<IActorContext<TMessage>, TMessage>? OnReceive { get; init; }

    public Action<IActorContext<TMessage>>? OnStart { get; init; }

    public Action<Exception>? OnRestart { get; init; }

    public Action? OnStop { get; init; }

    protected internal override void Receive(TMessage message) => OnReceive?.Invoke(Context, message);

    protected internal override void PreStart() => OnStart?.Invoke(Context);

    protected internal override void PreRestart(Exception cause) => OnRestart?.Invoke(cause);

    protected internal override void PostStop() => OnStop?.Invoke();
}
