using Microsoft.Extensions.Logging;

namespace Instancer.Cluster;

/// <summary>What the cluster logs; event ids 600 to 699.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(600, LogLevel.Information, "{Node} is a member of the cluster, as of revision {Revision}")]
    public static partial void Joined(ILogger logger, string node, long revision);

    [LoggerMessage(601, LogLevel.Error, "{Node} has lost its place in the cluster, and ends its sessions: {Reason}")]
    public static partial void Lost(ILogger logger, string node, string reason);

    [LoggerMessage(602, LogLevel.Warning, "{Node} tries again to reach the cluster: {Reason}")]
    public static partial void NoAnswer(ILogger logger, string node, string reason);

    [LoggerMessage(603, LogLevel.Debug, "A lease was not ended and runs out: {Reason}")]
    public static partial void NotRevoked(ILogger logger, string reason);

    [LoggerMessage(604, LogLevel.Warning, "The key of {Key} was not given up and goes with this node's place: {Reason}")]
    public static partial void NotReleased(ILogger logger, string key, string reason);

    [LoggerMessage(605, LogLevel.Information, "{Key} is removed for another node's reset")]
    public static partial void ResetAsked(ILogger logger, string key);

    [LoggerMessage(606, LogLevel.Warning, "{Key} was not removed for another node's reset, which is tried again: {Reason}")]
    public static partial void ResetFailed(ILogger logger, string key, string reason);

    [LoggerMessage(607, LogLevel.Warning, "{Key} is removed, and the node that asked for it could not be told, which is tried again: {Reason}")]
    public static partial void ResetUntold(ILogger logger, string key, string reason);
}
