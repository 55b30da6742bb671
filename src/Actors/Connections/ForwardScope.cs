using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Connections;

/// <summary>What all connections share that other nodes pass on.</summary>
/// <param name="Challenges">The challenges that this node has, by name.</param>
/// <param name="Metrics">Where they are counted.</param>
/// <param name="Logger">Where they log.</param>
internal sealed record ForwardScope(
    IReadOnlyDictionary<string, ConnectionScope> Challenges, NodeMetrics Metrics, ILogger Logger)
{
    /// <summary>What their gateway is called in logs.</summary>
    public const string Door = "cluster";
}
