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
    Func<TokenHash> NewToken,
    ILogger Logger)
{
    /// <summary>What clients may take. Default: whatever they ask for.</summary>
    public IChallengeLimits Limits { get; init; } = FixedLimits.None;

    /// <summary>Whether the node is one of several, and so may lose what it owns. Default: false.</summary>
    public bool IsClustered { get; init; }
}

/// <summary>What outlives a restart of the registry.</summary>
internal sealed class RegistryLife
{
    /// <summary>Whether there was an incarnation before.</summary>
    public bool HasStarted { get; set; }

    /// <summary>Whether the node leaves the cluster, and takes no key on any more.</summary>
    public bool HandsBack { get; set; }

    /// <summary>What tokens have had lately.</summary>
    public TokenQuotas Quotas { get; } = new();

    /// <summary>The runtimes that have not said yet what was there before this node started.</summary>
    public HashSet<string> Unadopted { get; } = [];
}
