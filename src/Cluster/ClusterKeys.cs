using Instancer.Actors;

namespace Instancer.Cluster;

/// <summary>What the store's keys are called.</summary>
internal static class ClusterKeys
{
    /// <summary>All nodes are below this.</summary>
    public const string Nodes = "/instancer/v1/nodes/";

    /// <summary>All instances are below this.</summary>
    public const string Instances = "/instancer/v1/instances/";

    /// <summary>All marks of instances that are to be removed are below this.</summary>
    public const string Resets = "/instancer/v1/resets/";

    /// <summary>All notes of backends that were left by their nodes are below this.</summary>
    public const string LeftBackends = "/instancer/v1/left/";

    /// <summary>The key of a node, which goes with its lease.</summary>
    public static string Node(string name) => Nodes + name;

    /// <summary>The key of an instance, whose value is the name of the node that owns it, and which goes with that node's lease.</summary>
    public static string Instance(InstanceKey key) => Instances + key;

    /// <summary>All instances of a token are below this.</summary>
    public static string InstancesOf(string challenge, TokenHash token) => $"{Instances}{challenge}/{token}/";

    /// <summary>All marks for a node are below this.</summary>
    public static string ResetsAt(string node) => $"{Resets}{node}/";

    /// <summary>The mark that has a node remove an instance, which goes with that node's lease; the node deletes it when the backend is gone.</summary>
    public static string Reset(string node, InstanceKey key) => ResetsAt(node) + key;

    /// <summary>The note of the backend that a key was left with; who takes the key deletes it.</summary>
    public static string Left(InstanceKey key) => LeftBackends + key;

    /// <summary>All notes of what a token's keys were left with are below this.</summary>
    public static string LeftOf(string challenge, TokenHash token) => $"{LeftBackends}{challenge}/{token}/";
}
