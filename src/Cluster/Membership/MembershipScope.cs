using Microsoft.Extensions.Logging;

namespace Instancer.Cluster.Membership;

/// <summary>What a <see cref="MembershipActor"/> works with, and finds again after a restart.</summary>
/// <param name="Options">What the operator said.</param>
/// <param name="Life">Random, and this process's alone.</param>
/// <param name="Store">The store.</param>
/// <param name="Fence">Opened and closed by the membership.</param>
/// <param name="Load">What the others are told.</param>
/// <param name="Watcher">Is told how it goes.</param>
/// <param name="Logger">Where it logs.</param>
internal sealed record MembershipScope(
    ClusterOptions Options, string Life, IKeyValueStore Store, Fence Fence, Load Load, IPlaceWatcher Watcher, ILogger Logger);
