using System.Net;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>One start: make the container or adopt what is there, start it, wait until it listens.</summary>
internal sealed class ContainerStart(
    StartRequest request,
    DockerTemplate template,
    EngineClient engine,
    KnownImages images,
    ContainerCreation creation,
    ContainerRemoval removal,
    InitSupport init,
    ContainerExits exits,
    ContainerReadiness readiness,
    ContainerResumption resumption,
    TimeProvider time,
    ILogger logger)
{
    // Rounds: one that finds a container to be replaced, one that finds the network gone, one that finds the engine without an init, one that
    // finds the image replaced, and one to succeed, with one to spare for each of the first two to happen again.
    private const int MaxRounds = 7;

    // The engine's word for a container that has its own loopback and nothing else.
    private const string NoNetwork = "none";

    private readonly long _begun = time.GetTimestamp();
    private string _phase = "the engine had not answered";

    public DockerTemplate Template => template;

    /// <summary>The reason of a start that was given up.</summary>
    public string GivenUp() => FormattableString.Invariant($"{_phase} after {time.GetElapsedTime(_begun).TotalSeconds:0.0} s");

    public async Task<StartOutcome> RunAsync(InstancerNetwork? network, ContainerAddress address, CancellationToken cancellationToken)
    {
        EngineError? last = null;
        for (var round = 0; round < MaxRounds; round++)
        {
            if (network is not null)
            {
                _phase = $"the engine had not made the network {network.Name}";
                var joined = await network.EnsureAsync(cancellationToken);
                if (!joined.Succeeded)
                {
                    return StartFailures.Of(joined.Error, template);
                }
            }

            _phase = "the engine had not made the container";
            var image = await images.GetAsync(template.Image, cancellationToken);
            if (!image.Succeeded)
            {
                return StartFailures.Of(image.Error, template);
            }

            var outcome = await MakeAsync(image.Value, address, network, cancellationToken);
            if (outcome.Value is { } ended && !(ended is StartOutcome.Failed { Failure: StartFailure.Rejected } && images.Forget(template.Image, image.Value)))
            {
                return ended;
            }

            last = outcome.Error ?? last;
        }

        return new StartOutcome.Failed(StartFailure.Rejected, last?.Message ?? "the engine kept changing its mind");
    }

    // An outcome, or the error after which another round may succeed.
    private async Task<EngineResult<StartOutcome>> MakeAsync(
        Image image, ContainerAddress address, InstancerNetwork? network, CancellationToken cancellationToken)
    {
        var created = await creation.CreateAsync(request, template, image, network?.Name ?? NoNetwork, address, cancellationToken);
        return created.Succeeded
            ? await StartAsync(created.Value.Id, image, address, network, cancellationToken)
            : await ResolveAsync(created.Error, network, cancellationToken);
    }

    private async Task<EngineResult<StartOutcome>> ResolveAsync(EngineError error, InstancerNetwork? network, CancellationToken cancellationToken)
    {
        if (network is not null && StartFailures.IsNetworkMissing(error, network.Name))
        {
            network.Forget();
            return error;
        }

        return init.IsMissing(error) ? error
            : error.IsConflict
            ? await AdoptOrReplaceAsync(error, cancellationToken)
            : StartFailures.Of(error, template);
    }

    private async Task<EngineResult<StartOutcome>> AdoptOrReplaceAsync(EngineError conflict, CancellationToken cancellationToken)
    {
        var name = ContainerName.Of(creation.Node, request.Key);
        var inspected = await engine.InspectContainerAsync(name, cancellationToken);
        if (inspected.Error is { IsNotFound: true })
        {
            // It went meanwhile.
            return conflict;
        }

        if (!inspected.Succeeded)
        {
            return StartFailures.Of(inspected.Error, template);
        }

        var container = inspected.Value;
        if (!removal.IsOurs(container.Config?.Labels))
        {
            return new StartOutcome.Failed(StartFailure.Rejected, $"the name {name} is taken by a container that is not Instancer's");
        }

        if (container.State.Running
            && ContainerLabels.TryParse(container.Config?.Labels, out var labels)
            && (labels.Key == request.Key || labels.IsSpare)
            && labels.Spec == template.SpecHash
            && readiness.CanReach(labels.Address)
            && await resumption.GoesOnAsync(container, cancellationToken))
        {
            logger.Adopted(request.Key.ToShortString(), container.Id);
            return await ReadyAsync(container, labels.Address, labels.Created, exits.Of(container.Id), cancellationToken);
        }

        logger.Replaced(request.Key.ToShortString(), container.Id);
        return await removal.RemoveAsync(container.Id, cancellationToken) is { } error
            ? StartFailures.Of(error, template)
            : conflict;
    }

    private async Task<EngineResult<StartOutcome>> StartAsync(
        string id, Image image, ContainerAddress address, InstancerNetwork? network, CancellationToken cancellationToken)
    {
        var exited = exits.Of(id);
        _phase = "the engine had not started the container";
        if (await engine.StartContainerAsync(id, cancellationToken) is { } error)
        {
            await removal.TryRemoveAsync(id, cancellationToken);
            if (network is not null && StartFailures.IsNetworkMissing(error, network.Name))
            {
                network.Forget();
                return error;
            }

            return init.IsMissing(error) ? error : StartFailures.Of(error, template);
        }

        var inspected = await engine.InspectContainerAsync(id, cancellationToken);
        if (!inspected.Succeeded)
        {
            return inspected.Error.IsNotFound
                ? new StartOutcome.Failed(StartFailure.Exited, "removed from outside before it listened")
                : StartFailures.Of(inspected.Error, template);
        }

        return images.Confirm(template.Image, image, inspected.Value.Image)
            ? await ReadyAsync(inspected.Value, address, time.GetUtcNow(), exited, cancellationToken)
            : await ReplacedAsync(id, cancellationToken);
    }

    // It was made for what its image said before: perhaps as another user, or with a volume too many.
    private async Task<EngineResult<StartOutcome>> ReplacedAsync(string id, CancellationToken cancellationToken) =>
        await removal.RemoveAsync(id, cancellationToken) is { } error
            ? StartFailures.Of(error, template)
            : new EngineError(HttpStatusCode.Conflict, $"image {OneLine.Of(template.Image)} was replaced meanwhile");

    private async Task<StartOutcome> ReadyAsync(
        Container container, ContainerAddress address, DateTimeOffset createdAt, Task<BackendExit> exited, CancellationToken cancellationToken)
    {
        var running = ContainerListing.Running(container, address);
        var ready = await readiness.WaitAsync(running, exited, cancellationToken);
        switch (ready)
        {
            case Readiness.Listening { Address: var listening }:
                logger.ContainerReady(request.Key.ToShortString(), container.Id, listening.ToString());
                return new StartOutcome.Started(ContainerListing.BackendOf(running, listening, createdAt, exited));
            case Readiness.Exited exit:
                await removal.TryRemoveAsync(container.Id, cancellationToken);
                return new StartOutcome.Failed(StartFailure.Exited, exit.Reason);
            case Readiness.GivenUp givenUp:
                return new StartOutcome.Failed(StartFailure.NotReady, givenUp.Reason);
            default:
                throw new InvalidOperationException($"No such readiness: {ready}.");
        }
    }
}
