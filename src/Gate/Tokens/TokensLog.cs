using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Tokens;

/// <summary>What the authenticators log. Ids are stable: 6200 and up.</summary>
internal static partial class TokensLog
{
    [LoggerMessage(6200, LogLevel.Information, "Read {File}.")]
    public static partial void FileRead(ILogger logger, string file);

    [LoggerMessage(6201, LogLevel.Warning, "{File} cannot be used: {Problem}. What was read before stays; looking again every second.")]
    public static partial void FileUnusable(ILogger logger, string file, string problem);

    [LoggerMessage(6210, LogLevel.Warning, "The authenticator {Place} gives no usable answer: {Problem}. At most one such line a minute.")]
    public static partial void NoAnswer(ILogger logger, string place, string problem);

    [LoggerMessage(6211, LogLevel.Information, "The authenticator {Place} answers again.")]
    public static partial void AnswersAgain(ILogger logger, string place);

    [LoggerMessage(6212, LogLevel.Error, "Asking the authenticator {Place} failed.")]
    public static partial void AskingFailed(ILogger logger, Exception exception, string place);
}
