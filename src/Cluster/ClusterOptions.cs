using System.Net;

namespace Instancer.Cluster;

/// <summary>What an operator says of a node's part in a cluster.</summary>
public sealed record ClusterOptions
{
    /// <summary>The node's name, which no other node of the cluster has.</summary>
    public required string Node { get; init; }

    /// <summary>Where the other nodes reach this one.</summary>
    public required IPEndPoint Advertise { get; init; }

    /// <summary>
    /// How long a node keeps its place without a sign of life. Default: 10 seconds. Too short, and a short absence of the store ends sessions; too long, and the
    /// keys of a node that died are served by nobody for as long.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long before the end of its lease a node stops to serve, so that it has stopped when another may begin. Default: 2 seconds.</summary>
    public TimeSpan Margin { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a claim waits for this node's place: longer than a lease, so that a client of a node that died and was started again meets it when its earlier life is over.
    /// </summary>
    internal TimeSpan PlacePatience => Lease + TimeSpan.FromSeconds(2);

    /// <summary>How often a node gives a sign of life. Default: 3 seconds.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(3);
}
