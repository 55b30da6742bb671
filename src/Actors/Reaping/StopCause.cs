namespace Instancer.Actors.Reaping;

/// <summary>Why an instance is stopped.</summary>
public enum StopCause
{
    /// <summary>It has lived for its <see cref="Challenge.Ttl"/>.</summary>
    Ttl,

    /// <summary>It was idle for its <see cref="Challenge.IdleTimeout"/>, or its scope is the connection and that has ended.</summary>
    Idle,

    /// <summary>Its challenge has <see cref="Challenge.MaxInstances"/>, and another client waits.</summary>
    MaxInstances,

    /// <summary>No port is free, and another client waits.</summary>
    NoFreePort,

    /// <summary>The memory budget is spent, and another client waits.</summary>
    MemoryBudget,

    /// <summary>The host's available memory is low.</summary>
    LowMemory,

    /// <summary>Its client asked for a reset.</summary>
    Reset,

    /// <summary>Its token has <see cref="ChallengeLimits.InstancesPerToken"/>, and its client wants another.</summary>
    TokenFull,

    /// <summary>An operator asked for it.</summary>
    Operator,

    /// <summary>Its backend ended by itself.</summary>
    Exited,

    /// <summary>It was served by a spare, and it cannot be made certain that the spare is its own.</summary>
    SpareLost,

    /// <summary>The node has lost its place in the cluster, and another may own the key.</summary>
    Fenced,

    /// <summary>The node stops, and the runtime's instances do not outlive it.</summary>
    Shutdown,

    /// <summary>It was found at the start, or later, and does not match the configuration or is nobody's.</summary>
    Orphaned,
}
