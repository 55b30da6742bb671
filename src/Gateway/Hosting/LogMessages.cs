using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Hosting;

/// <summary>What the gateway logs. Ids are stable: 3000 and up.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(3000, LogLevel.Information, "Accepting {Count} tokens from {File}.")]
    public static partial void TokensLoaded(ILogger logger, string file, int count);

    [LoggerMessage(3001, LogLevel.Warning, "{File}:{Line}: {Problem}; the line is passed over.")]
    public static partial void TokensFileBadLine(ILogger logger, string file, int line, string problem);

    [LoggerMessage(3002, LogLevel.Warning, "The tokens file {File} cannot be used: {Problem}. Accepting the {Count} tokens known before; looking again every second.")]
    public static partial void TokensFileUnavailable(ILogger logger, string file, string problem, int count);

    [LoggerMessage(3010, LogLevel.Information, "Node {Node}, configuration from {Source}.")]
    public static partial void Starting(ILogger logger, string node, string source);

    [LoggerMessage(3030, LogLevel.Information, "{Source} has changed, and counts from now on.")]
    public static partial void ConfigurationChanged(ILogger logger, string source);

    [LoggerMessage(3031, LogLevel.Error, "{Source} has changed and cannot be used; all stays as it is. {Error} ({Others} more)")]
    public static partial void ConfigurationRefused(ILogger logger, string source, string error, int others);

    [LoggerMessage(3032, LogLevel.Warning, "{Source} has changed; what counts only after a restart: {Paths}.")]
    public static partial void ConfigurationTakesRestart(ILogger logger, string source, string paths);

    [LoggerMessage(3033, LogLevel.Error, "{Source} cannot be read any more; all stays as it is: {Problem}")]
    public static partial void ConfigurationUnreadable(ILogger logger, string source, string problem);

    [LoggerMessage(3012, LogLevel.Information, "Container engine {Version} (API {Api}) at {Endpoint}; the address \"auto\" means {Address}: {Reason}")]
    public static partial void EngineUsable(ILogger logger, string endpoint, string version, string api, string address, string reason);

    [LoggerMessage(3018, LogLevel.Error, "The container engine cannot be used: {Reason}. Clients of its challenges are closed until it can.")]
    public static partial void EngineUnusable(ILogger logger, string reason);

    [LoggerMessage(3013, LogLevel.Information, "The admin endpoint listens on {Address}.")]
    public static partial void AdminListening(ILogger logger, string address);

    [LoggerMessage(3014, LogLevel.Information, "{Signal}: draining, for {DrainTimeout} at most. A second signal stops at once.")]
    public static partial void Draining(ILogger logger, string signal, TimeSpan drainTimeout);

    [LoggerMessage(3015, LogLevel.Warning, "{Signal} again: stopping at once.")]
    public static partial void Hurrying(ILogger logger, string signal);

    [LoggerMessage(3016, LogLevel.Critical, "The node failed.")]
    public static partial void NodeFailed(ILogger logger, Exception exception);

    [LoggerMessage(3017, LogLevel.Information, "Stopped.")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(3020, LogLevel.Error, "A request to the admin endpoint failed.")]
    public static partial void AdminRequestFailed(ILogger logger, Exception exception);

    [LoggerMessage(3021, LogLevel.Information, "By the admin endpoint: {Action} {Key}.")]
    public static partial void AdminAction(ILogger logger, string action, string key);
}
