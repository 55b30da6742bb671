using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Instancer.Cluster;

/// <summary>What a node's part in a cluster needs of the process.</summary>
public sealed record ClusterServices
{
    /// <summary>The clock. Only its monotonic part counts.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Where it logs.</summary>
    public required ILoggerFactory Loggers { get; init; }

    /// <summary>Where its instruments are made.</summary>
    public required IMeterFactory Meters { get; init; }

    /// <summary>
    /// Called when the node has lost its place, with the reason in one line: every <see cref="Instancer.Actors.Registry.ITenure"/> of before has ended, and what depended on one
    /// has to end. Not called for a node that leaves in order. On a thread that must not be kept. Default: does nothing.
    /// </summary>
    public Action<string> PlaceLost { get; init; } = _ => { };
}
