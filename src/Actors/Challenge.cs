using Instancer.Actors.Instances;

namespace Instancer.Actors;

/// <summary>A kind of backend server: the template for instances, and the limits they live under.</summary>
public sealed record Challenge
{
    /// <summary>The name in the configuration; part of every instance key.</summary>
    public required string Name { get; init; }

    /// <summary>The TCP port that the challenge's listener binds, 0 to 65535; 0 lets the system choose (tests).</summary>
    public required int Port { get; init; }

    /// <summary>The name of the runtime that starts the instances: <c>docker</c> or <c>process</c>.</summary>
    public required string Runtime { get; init; }

    /// <summary>What the runtime starts.</summary>
    public required InstanceTemplate Template { get; init; }

    /// <summary>What shares an instance. Default: <see cref="ChallengeScope.Identifier"/>.</summary>
    public ChallengeScope Scope { get; init; } = ChallengeScope.Identifier;

    /// <summary>How long an instance lives from its start, whoever is connected. Default: 1 hour.</summary>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long an instance lives after its last session has ended. Default: 10 minutes.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a start may take until the backend accepts connections. Default: 30 seconds.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many spares are kept ready for clients to come, within all limits; they go first when room or memory runs short. 0 to
    /// <see cref="MaxInstances"/>. Default: 0.
    /// </summary>
    public int Warm { get; init; }

    /// <summary>How many instances there may be at once, spares included; past it the reaper makes room. Default: 100.</summary>
    public int MaxInstances { get; init; } = 100;
}

/// <summary>What shares an instance.</summary>
public enum ChallengeScope
{
    /// <summary>Connections with the same token and identifier share one; a preamble is read.</summary>
    Identifier,

    /// <summary>Every connection has its own, gone when the connection ends; no preamble is read.</summary>
    Connection,
}
