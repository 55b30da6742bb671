using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Entry;

/// <summary>What is logged of connections before the actors have them; event ids 6300 to 6319.</summary>
internal static partial class EntryLog
{
    [LoggerMessage(6300, LogLevel.Warning, "The proxy {Peer} is trusted, but its connection was closed: {Reason} ({Unsaid} more since this was last said)")]
    public static partial void NoHeader(ILogger logger, string peer, string reason, int unsaid);

    [LoggerMessage(6301, LogLevel.Error, "The connection of {Peer} was closed: what stands in front of its challenge failed")]
    public static partial void Failed(ILogger logger, Exception cause, string peer);
}
