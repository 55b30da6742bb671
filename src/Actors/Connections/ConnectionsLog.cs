using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Connections;

/// <summary>What gateways and connections log; event ids 100 to 199.</summary>
internal static partial class ConnectionsLog
{
    [LoggerMessage(100, LogLevel.Information, "{Challenge} listens on {Address}")]
    public static partial void Listening(ILogger logger, string challenge, string address);

    [LoggerMessage(101, LogLevel.Warning, "{Challenge} accepts no clients for now: {Reason}")]
    public static partial void AcceptPaused(ILogger logger, string challenge, string reason);

    [LoggerMessage(102, LogLevel.Information, "{Challenge} accepts clients again")]
    public static partial void AcceptResumed(ILogger logger, string challenge);

    [LoggerMessage(103, LogLevel.Debug, "{Client} at {Challenge} closed: {Reason}")]
    public static partial void Closed(ILogger logger, string client, string challenge, string reason);

    [LoggerMessage(104, LogLevel.Debug, "{Client} at {Challenge} ended: {Cause}, {FromClient} bytes from the client, {FromBackend} from the backend")]
    public static partial void SessionEnded(
        ILogger logger, string client, string challenge, SessionEndCause cause, long fromClient, long fromBackend);

    [LoggerMessage(105, LogLevel.Information, "{Challenge} drains {Connections} connections")]
    public static partial void Draining(ILogger logger, string challenge, int connections);

    [LoggerMessage(107, LogLevel.Debug, "{Client} at {Challenge} is reset: its session has lasted for {Limit}")]
    public static partial void SessionTooLong(ILogger logger, string client, string challenge, TimeSpan limit);

    [LoggerMessage(108, LogLevel.Error, "The authenticator failed unexpectedly for a client of {Challenge}, who is not accepted")]
    public static partial void AuthenticatorFault(ILogger logger, Exception cause, string challenge);

    [LoggerMessage(106, LogLevel.Error, "{Challenge} could not accept a client, and goes on trying")]
    public static partial void AcceptFailed(ILogger logger, Exception cause, string challenge);
}
