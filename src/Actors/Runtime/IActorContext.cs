namespace Instancer.Actors.Runtime;

/// <summary>What an actor can do beside changing its own state. To be used in its handlers only, except where stated.</summary>
/// <typeparam name="TMessage">The root of the messages that the actor takes.</typeparam>
public interface IActorContext<TMessage>
    where TMessage : class
{
    /// <summary>The actor's own reference; safe from any thread.</summary>
    ActorRef<TMessage> Self { get; }

    /// <summary>The system that the actor lives in; safe from any thread.</summary>
    ActorSystem System { get; }

    /// <summary>The clock, the only one an actor may look at; safe from any thread.</summary>
    TimeProvider Time { get; }

    /// <summary>The living children. They outlive a restart of their parent.</summary>
    IEnumerable<ActorRef> Children { get; }

    /// <summary>How many children live. One whose watcher is this actor is not counted any more when the watch's message arrives.</summary>
    int ChildCount { get; }

    /// <summary>Starts a child.</summary>
    /// <param name="factory">Makes an incarnation; called at the start and at every restart.</param>
    /// <param name="name">For logs; need not be unique.</param>
    /// <param name="supervision">What happens when the child fails. Default: <see cref="SupervisionStrategy.Default"/>.</param>
    ActorRef<TChild> Spawn<TChild>(Func<Actor<TChild>> factory, string name, SupervisionStrategy? supervision = null)
        where TChild : class;

    /// <summary>Stops this actor after the current message.</summary>
    void StopSelf();

    /// <summary>Stops a child after its current message.</summary>
    void Stop(ActorRef child);

    /// <summary>Has <paramref name="message"/> told to this actor when <paramref name="target"/> has stopped; at once if it already has.</summary>
    void Watch(ActorRef target, TMessage message);

    /// <summary>Takes every watch on <paramref name="target"/> back. A message that is already in the mailbox stays there.</summary>
    void Unwatch(ActorRef target);

    /// <summary>
    /// Tells this actor the outcome of <paramref name="task"/> when there is one. An outcome that comes after a restart is told to the
    /// new incarnation, one that comes after the stop is a dead letter.
    /// </summary>
    /// <param name="task">The work, already under way.</param>
    /// <param name="onResult">Makes the message from the result; runs on any thread.</param>
    /// <param name="onFailure">
    /// Makes the message from the exception; without it, an exception is this actor's failure, and a cancelled task tells nothing.
    /// </param>
    void PipeToSelf<TResult>(Task<TResult> task, Func<TResult, TMessage> onResult, Func<Exception, TMessage>? onFailure = null);

    /// <summary>As the other, for work without a result.</summary>
    void PipeToSelf(Task task, TMessage message);

    /// <summary>Starts the timer <paramref name="key"/>, in place of the one with that key if there is one.</summary>
    void StartTimer(string key, TMessage message, TimeSpan due);

    /// <summary>Starts the timer <paramref name="key"/>, which fires every <paramref name="period"/> until it is cancelled.</summary>
    void StartPeriodicTimer(string key, TMessage message, TimeSpan period);

    /// <summary>Cancels a timer: its message does not arrive any more, even if it is already in the mailbox.</summary>
    void CancelTimer(string key);

    /// <summary>Puts a message aside until <see cref="UnstashAll"/>.</summary>
    void Stash(TMessage message);

    /// <summary>Puts what was set aside back to the front of the mailbox, in its order.</summary>
    void UnstashAll();
}
