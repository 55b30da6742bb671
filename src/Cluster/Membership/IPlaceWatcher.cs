namespace Instancer.Cluster.Membership;

/// <summary>Is told, on the membership's own thread, how the node's place in the cluster is.</summary>
internal interface IPlaceWatcher
{
    /// <summary>The node is a member from now on.</summary>
    void Joined(Place place);

    /// <summary>It is not any more: what depended on the place has to end. The fence is closed already.</summary>
    /// <param name="place">What it had.</param>
    /// <param name="reason">Why, in one line; null if it left in order.</param>
    void Lost(Place place, string? reason);

    /// <summary>It cannot be a member, and it is certain that waiting does not help. It tries all the same.</summary>
    /// <param name="reason">Why, in one line.</param>
    void Refused(string reason);

    /// <summary>It has left in order: nothing of it is in the store, or what is runs out by itself.</summary>
    void Left();
}
