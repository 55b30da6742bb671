using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>
/// Removes companions without the container that sessions reach: whoever started them was stopped before it had made that one, somebody else
/// removed it, or the removal of all of them did not come to its end.
/// </summary>
internal sealed class OrphanRemoval(GroupInspection group, ContainerGroups groups, ContainerRemoval removal, ILogger logger)
{
    /// <param name="listed">All containers of the node.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>Null unless the engine could not be asked. What could not be removed is found by the next listing.</returns>
    public async Task<EngineError?> RunAsync(IEnumerable<ListedContainer> listed, CancellationToken cancellationToken)
    {
        foreach (var its in listed.ToLookup(container => ContainerLabels.GroupOf(container.Labels)))
        {
            if (its.Key is not { } label || !AreOrphans(its) || groups.IsBusy(label))
            {
                continue;
            }

            // A group is started once. If its start is over, the listing may still be older than the last container; what is there now is not.
            var now = await group.ListAsync(label, cancellationToken);
            if (!now.Succeeded)
            {
                return now.Error;
            }

            foreach (var orphan in AreOrphans(now.Value) ? now.Value : [])
            {
                logger.Orphan(orphan.Id, ContainerLabels.MemberOf(orphan.Labels)!);
                await removal.TryRemoveAsync(orphan.Id, cancellationToken);
            }
        }

        return null;
    }

    private static bool AreOrphans(IEnumerable<ListedContainer> group) => group.All(container => ContainerLabels.MemberOf(container.Labels) is not null);
}
