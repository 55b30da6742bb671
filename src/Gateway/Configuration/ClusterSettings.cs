using System.Net;
using Instancer.Cluster;
using Instancer.Cluster.Etcd;
using Instancer.Cluster.Forwarding;

namespace Instancer.Gateway.Configuration;

/// <summary>A node's part in a cluster.</summary>
internal sealed record ClusterSettings
{
    /// <summary>The node's name, where the others reach it, and the times of its lease.</summary>
    public required ClusterOptions Options { get; init; }

    /// <summary>Where etcd is.</summary>
    public required EtcdOptions Etcd { get; init; }

    /// <summary>Where the node listens for the others. Default: where they reach it.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>The file that the secret was read from.</summary>
    public required string SecretFile { get; init; }

    /// <summary>What the nodes know each other by; null only where the configuration has errors.</summary>
    public required ClusterSecret? Secret { get; init; }
}
