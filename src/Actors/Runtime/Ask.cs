namespace Instancer.Actors.Runtime;

/// <summary>A question's way back: the answer, told once, from any thread.</summary>
/// <typeparam name="TReply">What is answered.</typeparam>
public sealed class ReplyTo<TReply> : IWatcher
{
    private readonly TaskCompletionSource<TReply> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _target;

    internal ReplyTo(string target) => _target = target;

    internal Task<TReply> Answer => _answer.Task;

    /// <summary>Answers. An answer to a question that was given up or answered already is dropped.</summary>
    public void Reply(TReply reply) => _answer.TrySetResult(reply);

    bool IWatcher.Is(object watcher) => ReferenceEquals(watcher, this);

    void IWatcher.OnTerminated() => _answer.TrySetException(new AskFailedException($"{_target} has stopped."));

    void IWatcher.OnFailed() => _answer.TrySetException(new AskFailedException($"{_target} has failed."));
}

/// <summary>Questions to actors, for those who are not actors themselves.</summary>
public static class Ask
{
    /// <summary>
    /// Tells <paramref name="target"/> a message that carries a way back, and ends with the answer. Fails at once with
    /// <see cref="AskFailedException"/> when the actor stops or fails before it has answered: no time-out is needed for that.
    /// </summary>
    /// <exception cref="AskFailedException">The actor has stopped or failed.</exception>
    /// <exception cref="OperationCanceledException">The answer was given up.</exception>
    public static async Task<TReply> AskAsync<TMessage, TReply>(
        this ActorRef<TMessage> target, Func<ReplyTo<TReply>, TMessage> question, CancellationToken cancellationToken = default)
        where TMessage : class
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(question);
        var replyTo = new ReplyTo<TReply>(target.Path);
        target.Cell.PostSystem(new SystemMessage.Watch(replyTo));
        try
        {
            target.Tell(question(replyTo));
            return await replyTo.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            target.Cell.PostSystem(new SystemMessage.Unwatch(replyTo));
        }
    }
}
