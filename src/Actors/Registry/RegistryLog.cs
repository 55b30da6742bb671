using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Registry;

/// <summary>What the registry logs; event ids 300 to 399.</summary>
internal static partial class RegistryLog
{
    [LoggerMessage(300, LogLevel.Warning, "Runtime {Runtime} cannot say what it has: {Reason}")]
    public static partial void Unavailable(ILogger logger, string runtime, string reason);

    [LoggerMessage(301, LogLevel.Information, "{Instance} ({BackendId}) is removed: {Reason}")]
    public static partial void Orphan(ILogger logger, string instance, string backendId, string reason);

    [LoggerMessage(302, LogLevel.Warning, "{Instance} could not be removed, to be tried again: {Reason}")]
    public static partial void OrphanLeft(ILogger logger, string instance, string reason);

    [LoggerMessage(303, LogLevel.Warning, "The token registry was restarted: asking {Count} instances what they are")]
    public static partial void Recovering(ILogger logger, int count);

    [LoggerMessage(304, LogLevel.Warning, "The node stops with something under way: {Reason}")]
    public static partial void ShutdownIncomplete(ILogger logger, string reason);
}
