using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>Finds what this node has on the engine: every container with its label, read back from the labels.</summary>
internal sealed class ContainerListing(
    EngineClient engine,
    string node,
    ContainerExits exits,
    ContainerReadiness readiness,
    ContainerRemoval removal,
    ContainerResumption resumption,
    GroupInspection group,
    ContainerGroups groups,
    OrphanRemoval orphans,
    TimeProvider time,
    ILogger logger)
{
    private const int InspectionsAtOnce = 8;

    public async Task<ListOutcome> ListAsync(CancellationToken cancellationToken)
    {
        // Taken before the listing: of what is found while it runs it may show nothing.
        var known = groups.All();
        var listed = await engine.ListContainersAsync([$"{ContainerLabels.NodeLabel}={node}"], cancellationToken);
        if (!listed.Succeeded)
        {
            return new ListOutcome.Unavailable(listed.Error.Message);
        }

        readiness.ForgetOthers(listed.Value.Select(container => container.Id));
        // Companions are read with the container that sessions reach.
        var all = listed.Value.ToLookup(container => ContainerLabels.GroupOf(container.Labels));
        var containers = listed.Value.Where(container => ContainerLabels.MemberOf(container.Labels) is null).OrderByDescending(HasItsName).ToList();
        foreach (var gone in known.Where(one => !all.Contains(one)))
        {
            groups.Forget(gone);
        }

        if (await orphans.RunAsync(listed.Value, cancellationToken) is { } error)
        {
            return new ListOutcome.Unavailable(error.Message);
        }

        var found = new FoundBackend?[containers.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = InspectionsAtOnce, CancellationToken = cancellationToken };
        EngineError? failed = null;
        await Parallel.ForAsync(0, found.Length, options, async (index, token) =>
        {
            var container = containers[index];
            var (backend, unread) = await ReadAsync(container, CompanionsOf(container), token);
            found[index] = backend;
            failed = unread ?? failed;
        });
        return failed is null
            ? new ListOutcome.Listed([.. found.OfType<FoundBackend>()])
            : new ListOutcome.Unavailable(failed.Message);

        // They are the first's. Another one with its labels is somebody's copy.
        IEnumerable<ListedContainer> CompanionsOf(ListedContainer container)
        {
            var its = ContainerLabels.GroupOf(container.Labels);
            return its is not null && containers.First(one => ContainerLabels.GroupOf(one.Labels) == its) == container ? all[its] : [];
        }
    }

    // One with our labels under another name is somebody's copy: it is found, to be removed, and never used.
    private bool HasItsName(ListedContainer listed) =>
        ContainerLabels.TryParse(listed.Labels, out var labels) && (IsNamed(listed, labels.Key) || TakerOf(listed, labels) is not null);

    private bool IsNamed(ListedContainer listed, InstanceKey key) =>
        listed.Names?.Any(name => name.TrimStart('/') == ContainerName.Of(node, key)) == true;

    /// <summary>Whose a container is that was started as a spare; null while it is nobody's, or if it was none.</summary>
    private InstanceKey? TakerOf(ListedContainer listed, ContainerLabels labels)
    {
        foreach (var name in labels.IsSpare ? listed.Names ?? [] : [])
        {
            if (ContainerName.TryParse(node, labels.Key.Challenge, name, out var key) && key != labels.Key)
            {
                return key;
            }
        }

        return null;
    }

    // Neither a backend nor an error: there is none, or none any more.
    private async Task<(FoundBackend? Found, EngineError? Error)> ReadAsync(
        ListedContainer listed, IEnumerable<ListedContainer> companions, CancellationToken cancellationToken)
    {
        if (!removal.IsOurs(listed.Labels))
        {
            return (null, null);
        }

        if (!ContainerLabels.TryParse(listed.Labels, out var labels))
        {
            logger.LabelsUnreadable(listed.Id);
            await removal.TryRemoveAsync(listed.Id, cancellationToken);
            return (null, null);
        }

        // Asked for before the inspection, so that an end after it is not missed.
        var exited = exits.Of(listed.Id);
        var inspected = await engine.InspectContainerAsync(listed.Id, cancellationToken);
        if (inspected.Error is { IsNotFound: true })
        {
            exits.Report(listed.Id, new BackendExit("removed from outside"));
            return (null, null);
        }

        if (!inspected.Succeeded)
        {
            return (null, inspected.Error);
        }

        var its = await group.InspectAsync(labels, companions, cancellationToken);
        if (!its.Succeeded)
        {
            return (null, its.Error);
        }

        var running = RunningContainer.Of(inspected.Value, labels.Address, its.Value.NetworkOwner ?? inspected.Value);
        var goesOn = its.Value.IsWhole
            && inspected.Value.State.Running && HasItsName(listed) && await resumption.GoesOnAsync(inspected.Value, cancellationToken);
        var (address, listens) = await readiness.LookAsync(running, cancellationToken);
        if (inspected.Value.State.HasEnded)
        {
            exits.Report(listed.Id, ContainerExits.ExitOf(inspected.Value.State));
        }

        // A spare's life begins when it is taken, and nothing tells when that was.
        var taker = TakerOf(listed, labels);
        var backend = running.ToBackend(
            address, taker is null ? labels.Created : time.GetUtcNow(), groups.Add(labels.Group, listed.Id, exited, its.Value.Companions));
        return (new FoundBackend(taker ?? labels.Key, backend, labels.Spec, goesOn && listens) { IsSpare = labels.IsSpare && taker is null }, null);
    }
}
