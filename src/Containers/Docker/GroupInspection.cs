using Instancer.Actors.Instances;
using Instancer.Containers.Docker.Engine;

namespace Instancer.Containers.Docker;

/// <summary>The companions of a container, as the engine has them.</summary>
/// <param name="Companions">Those that there are, in the order of their removal.</param>
/// <param name="IsWhole">Whether they are all that it was started with and no other, of the same template, and run.</param>
internal sealed record InspectedGroup(IReadOnlyList<ContainerMember> Companions, bool IsWhole)
{
    public static InspectedGroup None { get; } = new([], true);

    /// <summary>The container whose network it is; null if it is the front's own.</summary>
    public Container? NetworkOwner => Companions.Count == 0 ? null : Companions[^1].Container;
}

/// <summary>Finds and inspects the companions of containers that an earlier start has left.</summary>
internal sealed class GroupInspection(EngineClient engine, string node, ContainerExits exits, ContainerResumption resumption)
{
    /// <summary>The containers of a group, in the order of their removal: the one whose network it is has to be the last, podman does not remove it before.</summary>
    public static IEnumerable<ListedContainer> InOrder(IEnumerable<ListedContainer> containers) => containers
        .OrderBy(container => ContainerLabels.MemberOf(container.Labels) is not null)
        .ThenByDescending(container => ContainerLabels.MemberOf(container.Labels), StringComparer.Ordinal);

    /// <summary>All containers of a group, in the order of their removal.</summary>
    public async Task<EngineResult<List<ListedContainer>>> ListAsync(string group, CancellationToken cancellationToken)
    {
        var listed = await engine.ListContainersAsync(ContainerLabels.FiltersForGroup(node, group), cancellationToken);
        return listed.Succeeded ? InOrder(listed.Value).ToList() : listed;
    }

    /// <summary>The same, inspected, of a container with <paramref name="labels"/>; no request if it has no companions.</summary>
    public async Task<EngineResult<InspectedGroup>> InspectAsync(ContainerLabels labels, CancellationToken cancellationToken)
    {
        if (labels.Group is not { } group)
        {
            return InspectedGroup.None;
        }

        var listed = await ListAsync(group, cancellationToken);
        return listed.Succeeded ? await InspectAsync(labels, listed.Value, cancellationToken) : listed.Error;
    }

    /// <summary>The same, of which a listing is at hand.</summary>
    public async Task<EngineResult<InspectedGroup>> InspectAsync(
        ContainerLabels labels, IEnumerable<ListedContainer> listed, CancellationToken cancellationToken)
    {
        if (labels.Group is null)
        {
            return InspectedGroup.None;
        }

        var companions = InOrder(listed).Where(container => ContainerLabels.MemberOf(container.Labels) is not null).ToList();
        var isWhole = companions.Select(companion => ContainerLabels.MemberOf(companion.Labels)!)
            .SequenceEqual(labels.Companions.OrderDescending(StringComparer.Ordinal), StringComparer.Ordinal);
        List<ContainerMember> members = [];
        foreach (var companion in companions)
        {
            // Asked for before the inspection, so that an end after it is not missed.
            var exited = exits.Of(companion.Id);
            var inspected = await engine.InspectContainerAsync(companion.Id, cancellationToken);
            if (inspected.Value is { } container)
            {
                members.Add(new ContainerMember(ContainerLabels.MemberOf(companion.Labels), container, exited));
                isWhole = isWhole && await IsGoodAsync(container, labels, cancellationToken);
            }
            else if (inspected.Error!.IsNotFound)
            {
                exits.Report(companion.Id, new BackendExit("removed from outside"));
                isWhole = false;
            }
            else
            {
                return inspected.Error;
            }
        }

        return new InspectedGroup(members, isWhole);
    }

    private async Task<bool> IsGoodAsync(Container companion, ContainerLabels front, CancellationToken cancellationToken)
    {
        if (companion.State.HasEnded)
        {
            exits.Report(companion.Id, ContainerExits.ExitOf(companion.State));
        }

        return companion.State.Running
            && !HealthCheck.HoldsBack(companion.State.Health)
            && ContainerLabels.TryParse(companion.Config?.Labels, out var labels)
            && labels.Spec == front.Spec
            && await resumption.GoesOnAsync(companion, cancellationToken);
    }
}
