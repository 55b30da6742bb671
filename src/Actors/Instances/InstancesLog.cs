using Instancer.Actors.Reaping;
using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Instances;

/// <summary>What instances log; event ids 200 to 299.</summary>
internal static partial class InstancesLog
{
    [LoggerMessage(200, LogLevel.Information, "{Instance} is ready at {Address} after {Milliseconds:F0} ms")]
    public static partial void Ready(ILogger logger, string instance, BackendAddress address, double milliseconds);

    [LoggerMessage(201, LogLevel.Warning, "{Instance} did not start: {Reason}")]
    public static partial void StartFailed(ILogger logger, string instance, string reason);

    [LoggerMessage(202, LogLevel.Information, "{Instance} stops ({Cause}), {Sessions} sessions end")]
    public static partial void Stopping(ILogger logger, string instance, StopCause cause, int sessions);

    [LoggerMessage(203, LogLevel.Warning, "{Instance} could not be removed, to be tried again: {Reason}")]
    public static partial void StopFailed(ILogger logger, string instance, string reason);

    [LoggerMessage(204, LogLevel.Information, "{Instance} {Reason}")]
    public static partial void Exited(ILogger logger, string instance, string reason);

    [LoggerMessage(205, LogLevel.Information, "{Instance} is adopted at {Address}")]
    public static partial void Adopted(ILogger logger, string instance, BackendAddress address);

    [LoggerMessage(206, LogLevel.Information, "Port {Port} is somebody else's: {Instance} gets another")]
    public static partial void PortTaken(ILogger logger, int? port, string instance);

    [LoggerMessage(207, LogLevel.Error, "The runtime failed unexpectedly for {Instance}")]
    public static partial void RuntimeFault(ILogger logger, Exception cause, string instance);

    [LoggerMessage(210, LogLevel.Debug, "{Instance} takes the spare {Spare}")]
    public static partial void TakesSpare(ILogger logger, string instance, string spare);

    [LoggerMessage(209, LogLevel.Information, "{Instance} cannot keep the spare that it took: {Reason}")]
    public static partial void SpareLost(ILogger logger, string instance, string reason);

    [LoggerMessage(208, LogLevel.Debug, "{Instance} is not served here: {Reason}")]
    public static partial void Elsewhere(ILogger logger, string instance, string reason);

    [LoggerMessage(211, LogLevel.Information, "{Instance} is left to whoever takes its key next")]
    public static partial void HandedBack(ILogger logger, string instance);

    [LoggerMessage(212, LogLevel.Information, "{Instance}, which an earlier life of this node left, is removed: {Reason}")]
    public static partial void Superseded(ILogger logger, string instance, string reason);
}
