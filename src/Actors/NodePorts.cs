using System.Diagnostics.Metrics;
using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;
using Microsoft.Extensions.Logging;

namespace Instancer.Actors;

/// <summary>The implementations that a node's actors reach the outside world through.</summary>
public sealed record NodePorts
{
    /// <summary>The open listener of each challenge, by the challenge's name.</summary>
    public required IReadOnlyDictionary<string, IListener> Listeners { get; init; }

    /// <summary>The runtimes that the challenges name.</summary>
    public required IReadOnlyList<IInstanceRuntime> Runtimes { get; init; }

    /// <summary>Knows the accepted tokens.</summary>
    public required IAuthenticator Authenticator { get; init; }

    /// <summary>Knows what clients may take. Default: whatever they ask for.</summary>
    public IChallengeLimits Limits { get; init; } = FixedLimits.None;

    /// <summary>Dials and relays.</summary>
    public required IRelay Relay { get; init; }

    /// <summary>Measures the memory.</summary>
    public required IMemoryProbe Memory { get; init; }

    /// <summary>Knows who owns a key.</summary>
    public required IKeyOwnership Ownership { get; init; }

    /// <summary>What it takes to be one of several nodes; null for a node that is alone. Default: null.</summary>
    public ClusterPorts? Cluster { get; init; }

    /// <summary>The clock of every timer, time-out and age.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Where the actors log.</summary>
    public required ILoggerFactory Loggers { get; init; }

    /// <summary>Where the actors' instruments are made.</summary>
    public required IMeterFactory Meters { get; init; }
}
