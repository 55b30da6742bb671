using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>A container that was there already and is what a start asks for.</summary>
internal sealed record AdoptableContainer(Container Container, ContainerLabels Labels, Task<BackendExit> Exited, InspectedGroup Group);

/// <summary>Looks at what has the name that a start wanted: it is adopted if it matches, and removed with all that belongs to it if not.</summary>
internal sealed class ContainerAdoption(
    EngineClient engine,
    string node,
    ContainerRemoval removal,
    InstanceRemoval instances,
    GroupInspection group,
    ContainerExits exits,
    ContainerReadiness readiness,
    ContainerResumption resumption,
    ILogger logger)
{
    /// <summary>What can be adopted; or neither that nor a failure: the name is free.</summary>
    /// <param name="key">Whose the containers are to be.</param>
    /// <param name="template">What they have to be.</param>
    /// <param name="taken">The name that was taken: that of the key, or of a companion.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public async Task<(AdoptableContainer? Found, StartOutcome.Failed? Failed)> LookAsync(
        InstanceKey key, DockerTemplate template, string taken, CancellationToken cancellationToken)
    {
        var name = ContainerName.Of(node, key);
        var inspected = await engine.InspectContainerAsync(name, cancellationToken);
        if (inspected.Error is { IsNotFound: true } && taken != name)
        {
            // Only a companion is there: the rest of a start that came to no end.
            (name, inspected) = (taken, await engine.InspectContainerAsync(taken, cancellationToken));
        }

        if (inspected.Error is { IsNotFound: true })
        {
            // It went meanwhile.
            return (null, null);
        }

        if (!inspected.Succeeded)
        {
            return (null, StartFailures.Of(inspected.Error, template));
        }

        var container = inspected.Value;
        if (!removal.IsOurs(container.Config?.Labels))
        {
            return (null, new StartOutcome.Failed(StartFailure.Rejected, $"the name {name} is taken by a container that is not Instancer's"));
        }

        if (container.State.Running
            && ContainerLabels.TryParse(container.Config?.Labels, out var labels)
            && labels.Member is null
            && (labels.Key == key || labels.IsSpare)
            && labels.Spec == template.SpecHash
            && await readiness.CanReachAsync(labels.Address, cancellationToken)
            && await resumption.GoesOnAsync(container, cancellationToken))
        {
            var companions = await group.InspectAsync(labels, cancellationToken);
            if (!companions.Succeeded)
            {
                return (null, StartFailures.Of(companions.Error, template));
            }

            if (companions.Value.IsWhole)
            {
                logger.Adopted(key.ToShortString(), container.Id);
                return (new AdoptableContainer(container, labels, exits.Of(container.Id), companions.Value), null);
            }
        }

        logger.Replaced(key.ToShortString(), container.Id);
        return (null, await instances.RemoveAsync(key, container, cancellationToken) is { } error ? StartFailures.Of(error, template) : null);
    }
}
