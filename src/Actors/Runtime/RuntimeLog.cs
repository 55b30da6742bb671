using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Runtime;

/// <summary>What the actor runtime logs; event ids 1 to 99.</summary>
internal static partial class RuntimeLog
{
    [LoggerMessage(1, LogLevel.Debug, "{MessageType} for {Path}, which has stopped")]
    public static partial void DeadLetter(ILogger logger, string messageType, string path);

    [LoggerMessage(2, LogLevel.Warning, "{Path} took {Milliseconds} ms for one {MessageType}")]
    public static partial void SlowHandler(ILogger logger, string path, string messageType, double milliseconds);

    [LoggerMessage(3, LogLevel.Error, "{Path} failed")]
    public static partial void Failed(ILogger logger, Exception cause, string path);

    [LoggerMessage(4, LogLevel.Warning, "{Path} is restarted in {Backoff}")]
    public static partial void Restarting(ILogger logger, string path, TimeSpan backoff);

    [LoggerMessage(5, LogLevel.Error, "{Path} has failed too often: escalating")]
    public static partial void Escalating(ILogger logger, string path);

    [LoggerMessage(6, LogLevel.Error, "{Path} failed in {Hook}")]
    public static partial void HookFailed(ILogger logger, Exception cause, string path, string hook);

    [LoggerMessage(7, LogLevel.Critical, "The actor system stops: a failure reached its root")]
    public static partial void SystemFailed(ILogger logger, Exception cause);
}
