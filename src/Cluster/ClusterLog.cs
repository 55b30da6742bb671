using Microsoft.Extensions.Logging;

namespace Instancer.Cluster;

/// <summary>What the cluster logs; event ids 600 to 699.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(600, LogLevel.Information, "{Node} is a member of the cluster, as of revision {Revision}")]
    public static partial void Joined(ILogger logger, string node, long revision);

    [LoggerMessage(601, LogLevel.Error, "{Node} has lost its place in the cluster, and ends its sessions: {Reason}")]
    public static partial void Lost(ILogger logger, string node, string reason);

    [LoggerMessage(602, LogLevel.Warning, "{Node} tries again to be a member of the cluster: {Reason}")]
    public static partial void NoAnswer(ILogger logger, string node, string reason);

    [LoggerMessage(603, LogLevel.Debug, "A lease was not ended and runs out: {Reason}")]
    public static partial void NotRevoked(ILogger logger, string reason);
}
