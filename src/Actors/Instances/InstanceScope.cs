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
    ILogger Logger);
