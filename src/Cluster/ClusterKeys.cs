using Instancer.Actors;

namespace Instancer.Cluster;

/// <summary>What the store's keys are called.</summary>
internal static class ClusterKeys
{
    /// <summary>All nodes are below this.</summary>
    public const string Nodes = "/instancer/v1/nodes/";

    /// <summary>All instances are below this.</summary>
    public const string Instances = "/instancer/v1/instances/";

    /// <summary>The key of a node, which goes with its lease.</summary>
    public static string Node(string name) => Nodes + name;

    /// <summary>The key of an instance, whose value is the name of the node that owns it, and which goes with that node's lease.</summary>
    public static string Instance(InstanceKey key) => Instances + key;
}
