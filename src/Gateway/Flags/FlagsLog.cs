using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Flags;

/// <summary>What is logged about flags; never a flag.</summary>
internal static partial class FlagsLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path}:{Line}: not a line about a flag; it is left as it is.")]
    public static partial void BadLine(ILogger logger, string path, int line);
}
