using System.Net;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker.Engine;

namespace Instancer.Containers.Docker;

/// <summary>How the start of one container went.</summary>
internal abstract record MemberOutcome
{
    /// <summary>It runs.</summary>
    public sealed record Started(ContainerMember Member) : MemberOutcome;

    /// <summary>It does not, and nothing is left of it.</summary>
    public sealed record Failed(StartOutcome.Failed Outcome) : MemberOutcome;

    /// <summary>It does not, and another round may succeed.</summary>
    public sealed record Again(EngineError Error) : MemberOutcome;

    /// <summary>There is a container of its name.</summary>
    public sealed record NameTaken(EngineError Error) : MemberOutcome;
}

/// <summary>Makes one container of what is remembered of its image, starts it, and looks whether it is that image's.</summary>
internal sealed class MemberStart(
    EngineClient engine, string node, KnownImages images, ContainerCreation creation, ContainerRemoval removal, InitSupport init, ContainerExits exits)
{
    /// <param name="request">For whom.</param>
    /// <param name="template">What all the instance's containers have in common.</param>
    /// <param name="container">What this one is made of.</param>
    /// <param name="labels">Its labels, and by them its name.</param>
    /// <param name="at">Its network.</param>
    /// <param name="made">The network that Instancer made for it, if it did.</param>
    /// <param name="cancellationToken">Gives it up; there may be remains.</param>
    public async Task<MemberOutcome> RunAsync(
        StartRequest request,
        DockerTemplate template,
        ContainerTemplate container,
        ContainerLabels labels,
        ContainerNetwork at,
        InstancerNetwork? made,
        CancellationToken cancellationToken)
    {
        var image = await images.GetAsync(container.Image, cancellationToken);
        if (!image.Succeeded)
        {
            return Failed(image.Error);
        }

        var specification = ContainerSpecification.Of(container, request.Flag, image.Value.Config, labels, at, init.Available);
        var created = await creation.CreateAsync(request.Key, NameOf(node, labels), specification, cancellationToken);
        var outcome = created.Succeeded
            ? await StartAsync(created.Value.Id)
            : created.Error.IsConflict && !IsNetworkMissing(created.Error) && !init.IsMissing(created.Error) ? new MemberOutcome.NameTaken(created.Error)
            : AgainOr(created.Error);
        return outcome is MemberOutcome.Failed { Outcome: { Failure: StartFailure.Rejected } rejected } && images.Forget(container.Image, image.Value)
            ? new MemberOutcome.Again(new EngineError(HttpStatusCode.BadRequest, rejected.Reason))
            : outcome;

        async Task<MemberOutcome> StartAsync(string id)
        {
            var exited = exits.Of(id);
            if (await engine.StartContainerAsync(id, cancellationToken) is { } error)
            {
                await removal.TryRemoveAsync(id, cancellationToken);
                return AgainOr(error);
            }

            var inspected = await engine.InspectContainerAsync(id, cancellationToken);
            if (!inspected.Succeeded)
            {
                return inspected.Error.IsNotFound
                    ? new MemberOutcome.Failed(new(StartFailure.Exited, ContainerMember.Said(labels.Member, "removed from outside before it listened")))
                    : Failed(inspected.Error);
            }

            return images.Confirm(container.Image, image.Value, inspected.Value.Image)
                ? new MemberOutcome.Started(new ContainerMember(labels.Member, inspected.Value, exited))
                : await ReplacedAsync(id);
        }

        // It was made for what its image said before: perhaps as another user, or with a volume too many.
        async Task<MemberOutcome> ReplacedAsync(string id) => await removal.RemoveAsync(id, cancellationToken) is { } error
            ? Failed(error)
            : new MemberOutcome.Again(new EngineError(HttpStatusCode.Conflict, $"image {OneLine.Of(container.Image)} was replaced meanwhile"));

        MemberOutcome AgainOr(EngineError error)
        {
            if (made is not null && IsNetworkMissing(error))
            {
                made.Forget();
                return new MemberOutcome.Again(error);
            }

            return init.IsMissing(error) ? new MemberOutcome.Again(error) : Failed(error);
        }

        bool IsNetworkMissing(EngineError error) => made is not null && StartFailures.IsNetworkMissing(error, made.Name);

        MemberOutcome Failed(EngineError error)
        {
            var failed = StartFailures.Of(error, template, container);
            return new MemberOutcome.Failed(failed with { Reason = ContainerMember.Said(labels.Member, failed.Reason) });
        }
    }

    /// <summary>The name of a container that is made with such labels.</summary>
    public static string NameOf(string node, ContainerLabels labels) =>
        labels.Member is { } member ? ContainerName.OfCompanion(node, labels.Key, member) : ContainerName.Of(node, labels.Key);
}
