namespace Instancer.Cluster.Membership;

/// <summary>The nodes of the cluster, as far as this one knows.</summary>
internal interface IMemberDirectory
{
    /// <summary>All of them, this node among them, in no particular order.</summary>
    IReadOnlyCollection<Member> All { get; }

    /// <summary>The node of that name; null if there is none, or none that is known yet.</summary>
    Member? Find(string name);

    /// <summary>What is known of the node of that name has changed: it may be new, or gone. On the thread that heard of it.</summary>
    event Action<string>? Changed;
}
