using System.Net;
using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Work;

/// <summary>What is logged of proofs of work; event ids 6000 to 6099.</summary>
internal static partial class WorkLog
{
    [LoggerMessage(6000, LogLevel.Warning, "{Block} attacks: {Recent} starts and failed preambles within a minute; its proof of work is of difficulty {Difficulty} now")]
    public static partial void Attacks(ILogger logger, IPNetwork block, int recent, int difficulty);

    [LoggerMessage(6001, LogLevel.Information, "{Block} is calm again; its proof of work is of difficulty {Difficulty} now")]
    public static partial void IsCalm(ILogger logger, IPNetwork block, int difficulty);
}
