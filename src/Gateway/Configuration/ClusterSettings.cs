using System.Net;
using Instancer.Cluster;
using Instancer.Cluster.Etcd;

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

    /// <summary>The file of the secret that the nodes know each other by. It was there and as it has to be when the configuration was read.</summary>
    public required string SecretFile { get; init; }
}
