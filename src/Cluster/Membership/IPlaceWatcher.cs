namespace Instancer.Cluster.Membership;

/// <summary>Is told, on the membership's own thread, when the node gets a place in the cluster and when it loses it.</summary>
internal interface IPlaceWatcher
{
    /// <summary>The node is a member from now on.</summary>
    void Joined(Place place);

    /// <summary>It is not any more: what depended on the place has to end. The fence is closed already.</summary>
    void Lost(Place place);
}
