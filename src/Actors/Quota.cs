namespace Instancer.Actors;

/// <summary>What a client was denied for.</summary>
internal enum Quota
{
    /// <summary>See <see cref="ChallengeLimits.StartsPerMinute"/>.</summary>
    StartsPerMinute,

    /// <summary>See <see cref="ChallengeLimits.InstancesPerToken"/>.</summary>
    InstancesPerToken,

    /// <summary>See <see cref="ChallengeLimits.SessionsPerInstance"/>.</summary>
    SessionsPerInstance,
}
