using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Reaping;

/// <summary>What the reaper logs; event ids 400 to 499.</summary>
internal static partial class ReapingLog
{
    [LoggerMessage(400, LogLevel.Information, "Culling {Count} instances for {Cause}, {First} first")]
    public static partial void Culling(ILogger logger, int count, StopCause cause, string first);
}
