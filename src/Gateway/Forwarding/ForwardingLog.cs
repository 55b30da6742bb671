using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Forwarding;

/// <summary>What is logged of connections between nodes; event ids 700 to 719.</summary>
internal static partial class ForwardingLog
{
    [LoggerMessage(700, LogLevel.Warning, "{Peer} was turned away from the nodes' port: {Reason}")]
    public static partial void TurnedAway(ILogger logger, string peer, string reason);

    [LoggerMessage(701, LogLevel.Warning, "{Node} is not what it should be: {Reason}")]
    public static partial void NotTrusted(ILogger logger, string node, string reason);

    [LoggerMessage(704, LogLevel.Warning, "{Node} does not answer: {Reason}")]
    public static partial void Unreached(ILogger logger, string node, string reason);

    [LoggerMessage(702, LogLevel.Warning, "{Peer} asked for {Kind} and has no answer: {Reason}")]
    public static partial void NotAnswered(ILogger logger, string peer, string kind, string reason);

    [LoggerMessage(703, LogLevel.Error, "{Peer} asked for {Kind} and has no answer")]
    public static partial void AnswerFailed(ILogger logger, Exception cause, string peer, string kind);
}
