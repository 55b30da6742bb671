using System.Net;
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
    TimeProvider time,
    ILogger logger)
{
    private const int InspectionsAtOnce = 8;

    public async Task<ListOutcome> ListAsync(CancellationToken cancellationToken)
    {
        var listed = await engine.ListContainersAsync([$"{ContainerLabels.NodeLabel}={node}"], cancellationToken);
        if (!listed.Succeeded)
        {
            return new ListOutcome.Unavailable(listed.Error.Message);
        }

        var containers = listed.Value.OrderByDescending(HasItsName).ToList();
        var found = new FoundBackend?[containers.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = InspectionsAtOnce, CancellationToken = cancellationToken };
        EngineError? failed = null;
        await Parallel.ForAsync(0, found.Length, options, async (index, token) =>
        {
            var (backend, error) = await ReadAsync(containers[index], token);
            found[index] = backend;
            failed = error ?? failed;
        });
        return failed is null
            ? new ListOutcome.Listed([.. found.OfType<FoundBackend>()])
            : new ListOutcome.Unavailable(failed.Message);
    }

    /// <summary>What an inspection shows of a container that is reached at <paramref name="address"/>.</summary>
    public static RunningContainer Running(Container container, ContainerAddress address)
    {
        var ip = container.NetworkSettings?.Networks?.Values
            .Select(network => IPAddress.TryParse(network.IPAddress, out var parsed) ? parsed : null)
            .FirstOrDefault(parsed => parsed is not null);
        // No address: it has ended.
        return new RunningContainer(
            container.Id,
            container.State.Pid,
            ip ?? IPAddress.None,
            address,
            HostKernel.Runs(container.HostConfig?.Runtime),
            HealthCheck.HoldsBack(container.State.Health));
    }

    public static Backend BackendOf(RunningContainer running, BackendAddress address, DateTimeOffset createdAt, Task<BackendExit> exited) => new()
    {
        Id = running.Id,
        Address = address,
        Port = running.Address.HostPort,
        CreatedAt = createdAt,
        Exited = exited,
    };

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
    private async Task<(FoundBackend? Found, EngineError? Error)> ReadAsync(ListedContainer listed, CancellationToken cancellationToken)
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

        var running = Running(inspected.Value, labels.Address);
        var goesOn = inspected.Value.State.Running && HasItsName(listed) && await resumption.GoesOnAsync(inspected.Value, cancellationToken);
        var (address, listens) = await readiness.LookAsync(running, cancellationToken);
        if (inspected.Value.State.HasEnded)
        {
            exits.Report(listed.Id, ContainerExits.ExitOf(inspected.Value.State));
        }

        // A spare's life begins when it is taken, and nothing tells when that was.
        var taker = TakerOf(listed, labels);
        var backend = BackendOf(running, address, taker is null ? labels.Created : time.GetUtcNow(), exited);
        return (new FoundBackend(taker ?? labels.Key, backend, labels.Spec, goesOn && listens) { IsSpare = labels.IsSpare && taker is null }, null);
    }
}
