using Instancer.Actors.Registry;
using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Instances;

/// <summary>What all instances of one challenge share.</summary>
internal sealed record InstanceScope(
    Challenge Challenge,
    IInstanceRuntime Runtime,
    IKeyOwnership Ownership,
    TimeSpan QueueTimeout,
    NodeMetrics Metrics,
    ILogger Logger)
{
    /// <summary>What clients may take. Default: whatever they ask for.</summary>
    public IChallengeLimits Limits { get; init; } = FixedLimits.None;
}
