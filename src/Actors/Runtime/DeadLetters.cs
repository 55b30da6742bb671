using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Runtime;

/// <summary>Messages that nobody will handle: counted, logged, and what they own released.</summary>
public sealed class DeadLetters
{
    private readonly ILogger _logger;
    private long _count;

    internal DeadLetters(ILogger logger) => _logger = logger;

    /// <summary>How many there were.</summary>
    public long Count => Volatile.Read(ref _count);

    internal void Add(object message, string path)
    {
        Interlocked.Increment(ref _count);
        RuntimeLog.DeadLetter(_logger, message.GetType().Name, path);
        try
        {
            (message as IDiscardable)?.Discard();
        }
        catch (Exception cause)
        {
            // Neither the sender nor the stop of the actor that the message was for may fail of it.
            RuntimeLog.HookFailed(_logger, cause, path, nameof(IDiscardable.Discard));
        }
    }
}
