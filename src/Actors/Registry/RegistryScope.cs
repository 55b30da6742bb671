using Instancer.Actors.Instances;
using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Registry;

/// <summary>What the registry needs from outside.</summary>
internal sealed record RegistryScope(
    NodeOptions Options,
    IReadOnlyDictionary<string, IInstanceRuntime> Runtimes,
    IKeyOwnership Ownership,
    NodeStatus Status,
    NodeMetrics Metrics,
    TimeProvider Time,
    ILogger Logger);

/// <summary>What outlives a restart of the registry: that there was a start.</summary>
internal sealed class RegistryLife
{
    public bool HasStarted { get; set; }
}
