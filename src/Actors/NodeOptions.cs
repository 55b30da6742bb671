namespace Instancer.Actors;

/// <summary>What the operator says of one node, validated: sizes in bytes, durations as spans.</summary>
public sealed record NodeOptions
{
    /// <summary>The node's name; part of what marks its backends. Default: <c>node-1</c>.</summary>
    public string Node { get; init; } = "node-1";

    /// <summary>The gateway's part.</summary>
    public GatewayOptions Gateway { get; init; } = new();

    /// <summary>The ports that runtimes may give to instances.</summary>
    public PortRange Ports { get; init; } = new(20000, 29999);

    /// <summary>The reaper's part.</summary>
    public ReaperOptions Reaper { get; init; } = new();

    /// <summary>The start queue's part.</summary>
    public StartQueueOptions StartQueue { get; init; } = new();

    /// <summary>The challenges, at least one.</summary>
    public required IReadOnlyList<Challenge> Challenges { get; init; }
}

/// <summary>A range of TCP ports, both ends included.</summary>
/// <param name="First">1 to 65535.</param>
/// <param name="Last">Not below <paramref name="First"/>.</param>
public readonly record struct PortRange(int First, int Last)
{
    /// <summary>How many ports the range has.</summary>
    public int Count => Last - First + 1;
}

/// <summary>The options of the gateway.</summary>
public sealed record GatewayOptions
{
    /// <summary>The address that listeners bind. Default: <c>127.0.0.1</c>.</summary>
    public string Listen { get; init; } = "127.0.0.1";

    /// <summary>How long the preamble may take to be complete; an authenticator that has to ask elsewhere may take as long again. Default: 10 seconds. Too small cuts off slow clients, too large lets silent ones hold sockets.</summary>
    public TimeSpan PreambleTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many connections each listener serves at once; past it, clients wait in the listener's backlog. So that silent strangers cannot hold the door shut, the connection that
    /// has been opening for longest (its preamble is not complete) then gives way to whoever comes next and is closed, once it is a second old; past their opening none is touched.
    /// Default: 8192. Too small lets honest but slow clients be closed in a rush, too large meets the process's limit of open files first.
    /// </summary>
    public int MaxConnections { get; init; } = 8192;

    /// <summary>How long sessions may go on after the node was asked to stop. Default: 30 seconds.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>The options of the reaper.</summary>
public sealed record ReaperOptions
{
    /// <summary>How often pressure is measured. Default: 1 second.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Who goes first. Default: <see cref="ReapOrder.OldestIdleFirst"/>.</summary>
    public ReapOrder Order { get; init; } = ReapOrder.OldestIdleFirst;

    /// <summary>Below this much available memory culling starts, in bytes; 0 for never. Default: 0.</summary>
    public long MinAvailableMemory { get; init; }

    /// <summary>At this much available memory culling ends, in bytes; at least <see cref="MinAvailableMemory"/>. Default: 0.</summary>
    public long EnoughAvailableMemory { get; init; }

    /// <summary>What the memory limits of all instances may add up to, in bytes; null for no budget. Default: null.</summary>
    public long? MemoryBudget { get; init; }
}

/// <summary>The order in which instances are culled.</summary>
public enum ReapOrder
{
    /// <summary>Plainly by age.</summary>
    Oldest,

    /// <summary>Idle ones by age, then busy ones by age.</summary>
    OldestIdleFirst,
}

/// <summary>The options of the start queue.</summary>
public sealed record StartQueueOptions
{
    /// <summary>How many starts run at once. Default: 8.</summary>
    public int ConcurrentStarts { get; init; } = 8;

    /// <summary>How many starts may wait; a client past it is closed. Default: 1024.</summary>
    public int Length { get; init; } = 1024;

    /// <summary>How long a client may wait for its start to begin; after it the client is closed. Default: 1 minute.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);
}
