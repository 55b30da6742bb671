using Instancer.Actors.Runtime;
using Instancer.Cluster.Following;

namespace Instancer.Cluster.Membership;

/// <summary>Keeps the table of members, and tells this node's membership what is under its own key.</summary>
internal sealed class MembersFollower(string node, MemberTable table, ActorRef<MembershipMessage> membership, ClusterMetrics metrics) : IFollower
{
    private readonly string _own = ClusterKeys.Node(node);

    /// <inheritdoc/>
    public void Found(IReadOnlyList<KeyValue> items, long revision)
    {
        table.Set(items);
        metrics.NoteNodes(table.Count);
        var own = items.FirstOrDefault(item => item.Key == _own);
        membership.Tell(new MembershipMessage.KeySeen(revision, own?.ModRevision ?? 0, own?.Value, own?.Lease ?? 0));
    }

    /// <inheritdoc/>
    public void Changed(IReadOnlyList<StoreChange> changes)
    {
        table.Apply(changes);
        metrics.NoteNodes(table.Count);
        foreach (var change in changes.Where(change => change.Key == _own))
        {
            membership.Tell(new MembershipMessage.KeySeen(change.ModRevision, change.ModRevision, change.Value, change.Lease));
        }
    }
}
