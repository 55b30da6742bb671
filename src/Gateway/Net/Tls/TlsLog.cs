using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Net.Tls;

/// <summary>What is logged of TLS; event ids 6400 to 6419.</summary>
internal static partial class TlsLog
{
    [LoggerMessage(6400, LogLevel.Information, "Serving the certificate of {Path} ({Subject}, until {NotAfter}) from here on")]
    public static partial void Loaded(ILogger logger, string path, string subject, string notAfter);

    [LoggerMessage(6401, LogLevel.Warning, "{Problem}; the certificate that was read before stays")]
    public static partial void NotLoaded(ILogger logger, string problem);

    [LoggerMessage(6402, LogLevel.Debug, "{Client} has not come through its TLS handshake: {Reason}")]
    public static partial void Refused(ILogger logger, string client, string reason);

    [LoggerMessage(6403, LogLevel.Warning, "{Challenge} takes no clients at present: {Client} is closed, and so is who comes after it")]
    public static partial void NotTaken(ILogger logger, string challenge, string client);

    [LoggerMessage(6404, LogLevel.Error, "The TLS handshake of {Client} failed")]
    public static partial void Failed(ILogger logger, Exception cause, string client);

    [LoggerMessage(6405, LogLevel.Error, "Accepting on {Address} failed; it goes on")]
    public static partial void AcceptFailed(ILogger logger, Exception cause, string address);

    // A stranger's bytes may be the cause, so it is no error of this node's: but if it is, it has to be found.
    [LoggerMessage(6406, LogLevel.Debug, "{Client} is lost: its TLS failed in a way that is documented nowhere")]
    public static partial void Unexpected(ILogger logger, Exception cause, string client);
}
