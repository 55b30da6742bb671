using Instancer.Cluster;

namespace Instancer.Gateway.Admin;

/// <summary>The nodes of a cluster, as this one knows them.</summary>
/// <param name="node">This node's name.</param>
/// <param name="part">Its part in the cluster.</param>
/// <param name="drain">Knows whether this one has been asked to stop.</param>
internal sealed class ClusterNodes(string node, ClusterPart part, IDrain drain) : INodeDirectory
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<NodeView>> ListAsync(CancellationToken cancellationToken)
    {
        var known = part.Nodes;
        var views = known.Select(View);
        if (!known.Any(info => info.IsHere))
        {
            // Without a place it is not in the store, and it is here all the same.
            views = views.Prepend(new NodeView
            {
                Name = node,
                Here = true,
                Place = false,
                Draining = drain.IsAsked,
                Challenges = new Dictionary<string, ChallengeView>(),
            });
        }

        return Task.FromResult<IReadOnlyList<NodeView>>([.. views]);
    }

    private NodeView View(NodeInfo info) => new()
    {
        Name = info.Name,
        Advertise = info.Advertise.ToString(),
        Here = info.IsHere,
        Place = !info.IsHere || part.HasPlace,
        Draining = info.IsDraining || (info.IsHere && drain.IsAsked),
        Challenges = info.Challenges.ToDictionary(load => load.Key, load => new ChallengeView(load.Value.Instances, load.Value.Max)),
    };
}
