using System.Net;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker.Engine;

namespace Instancer.Containers.Docker;

/// <summary>How the start of one container went.</summary>
internal abstract record MemberOutcome
{
    /// <summary>It runs.</summary>
    public sealed record Started(ContainerMember Member) : MemberOutcome;

    /// <summary>It does not, and nothing is left of it unless its removal failed too, which was logged.</summary>
    public sealed record Failed(StartOutcome.Failed Outcome) : MemberOutcome;

    /// <summary>It does not, and another round may succeed.</summary>
    public sealed record Again(EngineError Error) : MemberOutcome;

    /// <summary>There is a container of its name.</summary>
    public sealed record NameTaken(EngineError Error) : MemberOutcome;
}

/// <summary>One container that is to be started.</summary>
/// <param name="Request">For whom.</param>
/// <param name="Instance">What all the instance's containers have in common.</param>
/// <param name="Template">What this one is made of.</param>
/// <param name="Labels">Its labels, and by them its name.</param>
/// <param name="Network">Its network.</param>
/// <param name="Made">The network that Instancer made for it, if it did.</param>
internal sealed record MemberPlan(
    StartRequest Request, DockerTemplate Instance, ContainerTemplate Template, ContainerLabels Labels, ContainerNetwork Network, IContainerNetwork? Made)
{
    public string Name => Labels.Member is { } member ? ContainerName.OfCompanion(Labels.Node, Labels.Key, member) : ContainerName.Of(Labels.Node, Labels.Key);

    public string Said(string what) => ContainerMember.Said(Labels.Member, what);

    public bool IsNetworkMissing(EngineError error) => Made is not null && StartFailures.IsNetworkMissing(error, Made.Name);

    public MemberOutcome Failed(EngineError error)
    {
        var failed = StartFailures.Of(error, Instance, Template);
        return new MemberOutcome.Failed(failed with { Reason = Said(failed.Reason) });
    }
}

/// <summary>Makes one container of what is remembered of its image, starts it, and looks whether it is that image's.</summary>
internal sealed class MemberStart(
    EngineClient engine, KnownImages images, ContainerCreation creation, ContainerRemoval removal, InitSupport init, ContainerExits exits, FlagFiles flags)
{
    /// <param name="plan">What is to be started.</param>
    /// <param name="phase">Is told what the engine is waited for.</param>
    /// <param name="cancellationToken">Gives it up; there may be remains.</param>
    public async Task<MemberOutcome> RunAsync(MemberPlan plan, Action<string> phase, CancellationToken cancellationToken)
    {
        phase(plan.Said("the engine had not made the container"));
        var name = plan.Template.Image;
        var image = await images.GetAsync(name, cancellationToken);
        if (!image.Succeeded)
        {
            return plan.Failed(image.Error);
        }

        if (plan.Template.FlagFile is null || plan.Request.Flag is not { } flag)
        {
            return await CreateAsync(plan, image.Value, null, phase, cancellationToken);
        }

        var written = await flags.WriteAsync(name, flag, cancellationToken);
        if (!written.Succeeded)
        {
            return Judged(plan, image.Value, written.Error);
        }

        try
        {
            return await CreateAsync(plan, image.Value, written.Value, phase, cancellationToken);
        }
        finally
        {
            flags.Release(written.Value);
        }
    }

    private async Task<MemberOutcome> CreateAsync(MemberPlan plan, Image image, FlagFile? flagFile, Action<string> phase, CancellationToken cancellationToken)
    {
        var container = ContainerSpecification.Of(plan.Template, plan.Request.Flag, flagFile, image.Config, plan.Labels, plan.Network, init.Available);
        var created = await creation.CreateAsync(plan.Request.Key, plan.Name, container, cancellationToken);
        if (!created.Succeeded)
        {
            return created.Error.IsConflict && !init.IsMissing(created.Error) ? new MemberOutcome.NameTaken(created.Error) : Judged(plan, image, created.Error);
        }

        phase(plan.Said("the engine had not started the container"));
        return await StartAsync(plan, image, created.Value.Id, cancellationToken);
    }

    private async Task<MemberOutcome> StartAsync(MemberPlan plan, Image image, string id, CancellationToken cancellationToken)
    {
        var exited = exits.Of(id);
        var attached = plan.Made is null || plan.Network.IsJoined ? null : await plan.Made.AttachAsync(id, cancellationToken);
        if ((attached ?? await engine.StartContainerAsync(id, cancellationToken)) is { } error)
        {
            await removal.TryRemoveAsync(id, cancellationToken);
            return Judged(plan, image, error);
        }

        var inspected = await engine.InspectContainerAsync(id, cancellationToken);
        if (!inspected.Succeeded)
        {
            if (inspected.Error.IsNotFound)
            {
                return new MemberOutcome.Failed(new(StartFailure.Exited, plan.Said("removed from outside before it listened")));
            }

            // It runs, and may use the network of a companion that is removed next.
            await removal.TryRemoveAsync(id, cancellationToken);
            return plan.Failed(inspected.Error);
        }

        return images.Confirm(plan.Template.Image, image, inspected.Value.Image)
            ? new MemberOutcome.Started(new ContainerMember(plan.Labels.Member, inspected.Value, exited))
            : await ReplacedAsync(plan, id, cancellationToken);
    }

    // It was made for what its image said before: perhaps as another user, or with a volume too many.
    private async Task<MemberOutcome> ReplacedAsync(MemberPlan plan, string id, CancellationToken cancellationToken) =>
        await removal.RemoveAsync(id, cancellationToken) is { } error
            ? plan.Failed(error)
            : new MemberOutcome.Again(new EngineError(HttpStatusCode.Conflict, plan.Said($"image {OneLine.Of(plan.Template.Image)} was replaced meanwhile")));

    private MemberOutcome Judged(MemberPlan plan, Image image, EngineError error)
    {
        if (plan.IsNetworkMissing(error))
        {
            plan.Made?.Forget();
            return new MemberOutcome.Again(error);
        }

        var failed = plan.Failed(error);
        var mayBeTheImage = failed is MemberOutcome.Failed { Outcome.Failure: StartFailure.Rejected } && images.Forget(plan.Template.Image, image);
        return mayBeTheImage || init.IsMissing(error) ? new MemberOutcome.Again(error) : failed;
    }
}
