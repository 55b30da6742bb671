using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Addresses;

/// <summary>What is logged about addresses. Refusals are not: they are counted, because an attacker could fill the disk with them.</summary>
internal static partial class AddressesLog
{
    [LoggerMessage(6100, LogLevel.Information, "{File}: {Count} blocks are {Use}.")]
    public static partial void BlockFileLoaded(ILogger logger, string file, int count, string use);

    [LoggerMessage(EventId = 6101, Message = "{File}:{Line}: {Problem}. The file is not taken: {Meanwhile}.")]
    public static partial void BlockFileBadLine(ILogger logger, LogLevel level, string file, int line, string problem, string meanwhile);

    [LoggerMessage(EventId = 6102, Message = "The file {File} cannot be used: {Problem}; {Meanwhile}. Looking again every second.")]
    public static partial void BlockFileUnavailable(ILogger logger, LogLevel level, string file, string problem, string meanwhile);

    [LoggerMessage(6110, LogLevel.Information, "{Block} is banned for {Duration} after {Failures} failed preambles; it is ban number {Times} that is remembered of it.")]
    public static partial void Banned(ILogger logger, AddressBlock block, TimeSpan duration, int failures, int times);

    [LoggerMessage(6111, LogLevel.Error, "The bans in {File} cannot be read: {Problem}. Nobody is banned by hand; the file is now {Aside}.")]
    public static partial void BansUnreadable(ILogger logger, string file, string problem, string aside);
}
