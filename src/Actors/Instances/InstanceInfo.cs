namespace Instancer.Actors.Instances;

/// <summary>What is known of an instance at one moment.</summary>
public sealed record InstanceInfo
{
    /// <summary>The instance's key.</summary>
    public required InstanceKey Key { get; init; }

    /// <summary>The client's name, if it connected since this node started.</summary>
    public string? Client { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required InstanceState State { get; init; }

    /// <summary>Whether it is kept ready for a client to come; its key is a stand-in. Default: false.</summary>
    public bool IsSpare { get; init; }

    /// <summary>How many sessions it serves.</summary>
    public int Sessions { get; init; }

    /// <summary>How many connections wait for it.</summary>
    public int Waiting { get; init; }

    /// <summary>When the backend was started; null while there is none.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When its last session ended; null unless it is <see cref="InstanceState.Idle"/>.</summary>
    public DateTimeOffset? IdleSince { get; init; }

    /// <summary>When its time to live ends; null while there is no backend.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Where sessions dial; null while there is no backend.</summary>
    public BackendAddress? Address { get; init; }

    /// <summary>The runtime's name for the backend; null while there is none.</summary>
    public string? BackendId { get; init; }

    /// <summary>The port of the node's pool that it holds, if any.</summary>
    public int? Port { get; init; }

    /// <summary>Its memory limit in bytes; null for none.</summary>
    public long? Memory { get; init; }

    /// <summary>Why the latest start or stop failed, in one line; null if it did not.</summary>
    public string? LastFailure { get; init; }
}

/// <summary>Where an instance is in its life.</summary>
public enum InstanceState
{
    /// <summary>Waits for room, for a port or for its turn to start.</summary>
    Queued,

    /// <summary>Its backend is being started.</summary>
    Starting,

    /// <summary>Its backend accepts connections and serves at least one session.</summary>
    Ready,

    /// <summary>Its backend accepts connections and serves none.</summary>
    Idle,

    /// <summary>Its backend accepts connections, and is nobody's yet: a spare.</summary>
    Warm,

    /// <summary>A spare that is being given to a client.</summary>
    Claimed,

    /// <summary>Its backend is being removed.</summary>
    Stopping,

    /// <summary>Its latest start failed; there is no backend.</summary>
    Failed,
}
