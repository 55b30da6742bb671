using Instancer.Actors;
using Instancer.Actors.Instances;

namespace Instancer.Gateway.Admin;

/// <summary>The one node that there is without a cluster.</summary>
internal sealed class SingleNode(NodeOptions options, IInstanceDirectory instances, IDrain drain) : INodeDirectory
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeView>> ListAsync(CancellationToken cancellationToken)
    {
        var counts = (await instances.ListAsync(cancellationToken).ConfigureAwait(false)).CountBy(instance => instance.Key.Challenge).ToDictionary();
        return
        [
            new NodeView
            {
                Name = options.Node,
                Here = true,
                Place = true,
                Draining = drain.IsAsked,
                Challenges = options.Challenges.ToDictionary(
                    challenge => challenge.Name, challenge => new ChallengeLoad(counts.GetValueOrDefault(challenge.Name), challenge.MaxInstances)),
            },
        ];
    }
}
