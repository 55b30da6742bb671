using Instancer.Actors.Instances;
using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>One start: make the containers or adopt what is there, start them, wait until the one that sessions reach listens.</summary>
internal sealed class ContainerStart(
    StartRequest request,
    DockerTemplate template,
    string node,
    MemberStart members,
    ContainerAdoption adoption,
    ContainerRemoval removal,
    ContainerGroups groups,
    CompanionReadiness readiness,
    TimeProvider time,
    ILogger logger)
{
    // Rounds: one that finds a container to be replaced, one that finds the network gone, one that finds the engine without an init, one to
    // succeed, with one to spare for each of the first two to happen again; and for each container one that finds its image replaced.
    private const int MaxRounds = 6;

    // The engine's word for a container that has its own loopback and nothing else.
    private const string NoNetwork = "none";

    private readonly long _begun = time.GetTimestamp();

    public DockerTemplate Template => template;

    /// <summary>What the engine is waited for.</summary>
    public string Phase { private get; set; } = "the engine had not answered";

    /// <summary>The reason of a start that was given up.</summary>
    public string GivenUp() => FormattableString.Invariant($"{Phase} after {time.GetElapsedTime(_begun).TotalSeconds:0.0} s");

    public async Task<StartOutcome> RunAsync(IContainerNetwork? network, ContainerAddress address, CancellationToken cancellationToken)
    {
        EngineError? last = null;
        for (var round = 0; round < MaxRounds + template.Companions.Count + 1; round++)
        {
            if (network is not null)
            {
                Phase = $"the engine had not made the network {network.Name}";
                var joined = await network.EnsureAsync(cancellationToken);
                if (!joined.Succeeded)
                {
                    return StartFailures.Of(joined.Error, template);
                }
            }

            var outcome = await RoundAsync(network, address, cancellationToken);
            if (outcome.Value is { } ended)
            {
                return ended;
            }

            last = outcome.Error;
        }

        return new StartOutcome.Failed(StartFailure.Rejected, last?.Message ?? "the engine kept changing its mind");
    }

    // An outcome, or the error after which another round may succeed.
    private async Task<EngineResult<StartOutcome>> RoundAsync(IContainerNetwork? network, ContainerAddress address, CancellationToken cancellationToken)
    {
        string[] names = [.. template.Companions.Keys.Order(StringComparer.Ordinal)];
        if (names.Length == 0)
        {
            return await MakeAsync(null, names, network, address, cancellationToken);
        }

        var group = groups.Begin();
        try
        {
            return await MakeAsync(group, names, network, address, cancellationToken);
        }
        finally
        {
            groups.Began(group);
        }
    }

    // The companions first, each when the one before runs and is healthy; the first of them has the network, which the others join.
    private async Task<EngineResult<StartOutcome>> MakeAsync(
        string? group, string[] names, IContainerNetwork? network, ContainerAddress address, CancellationToken cancellationToken)
    {
        var labels = new ContainerLabels(node, request.Key, time.GetUtcNow(), template.SpecHash, address)
        {
            IsSpare = request.IsSpare, Group = group, Companions = names,
        };
        var at = new ContainerNetwork(network?.Name ?? NoNetwork, template.Name is { } name && group is not null ? [.. names, name] : names);
        List<ContainerMember> running = [];
        foreach (var companionName in names)
        {
            var plan = new MemberPlan(request, template, template.Companions[companionName], labels with { Member = companionName }, at, network);
            var outcome = await members.RunAsync(plan, phase => Phase = phase, cancellationToken);
            if (outcome is not MemberOutcome.Started { Member: var companion })
            {
                return await UndoneAsync(outcome, plan, running, cancellationToken);
            }

            running.Add(companion);
            if (!HostKernel.Runs(companion.Container.HostConfig?.Runtime))
            {
                var refused = new StartOutcome.Failed(StartFailure.Rejected, $"the engine runs containers with {companion.Container.HostConfig?.Runtime}, which cannot share a network");
                return await UndoneAsync(new MemberOutcome.Failed(refused), plan, running, cancellationToken);
            }

            if (await readiness.WaitAsync(running, cancellationToken) is { } failed)
            {
                // Given up, it is whoever gave it up who removes what there is.
                return cancellationToken.IsCancellationRequested
                    ? failed
                    : await UndoneAsync(new MemberOutcome.Failed(failed), plan, running, cancellationToken);
            }

            logger.CompanionRuns(request.Key.ToShortString(), companionName, companion.Id);
            at = ContainerNetwork.Joined(running[0].Id);
        }

        var own = new MemberPlan(request, template, template, labels, at, network);
        var last = await members.RunAsync(own, phase => Phase = phase, cancellationToken);
        if (last is not MemberOutcome.Started { Member: var front })
        {
            return await UndoneAsync(last, own, running, cancellationToken);
        }

        running.Reverse();
        return await ReadyAsync(front.Container, labels with { Created = time.GetUtcNow() }, front.Exited, running, cancellationToken);
    }

    private async Task<EngineResult<StartOutcome>> UndoneAsync(
        MemberOutcome outcome, MemberPlan plan, List<ContainerMember> running, CancellationToken cancellationToken)
    {
        // Without the container whose network it is nothing starts, and that is not what is wrong.
        var cause = outcome is MemberOutcome.Failed ? await readiness.FindEndedAsync(running, cancellationToken) : null;
        foreach (var companion in Enumerable.Reverse(running))
        {
            await removal.TryRemoveAsync(companion.Id, cancellationToken);
        }

        switch (outcome)
        {
            case MemberOutcome.Failed { Outcome: var failed }:
                return cause ?? failed;
            case MemberOutcome.Again { Error: var error }:
                return error;
            case MemberOutcome.NameTaken { Error: var conflict }:
                var (found, failure) = await adoption.LookAsync(request.Key, template, plan.Name, cancellationToken);
                return found is not null ? await ReadyAsync(found, cancellationToken)
                    : failure is not null ? failure
                    : conflict;
            default:
                throw new InvalidOperationException($"No such outcome: {outcome}.");
        }
    }

    private Task<StartOutcome> ReadyAsync(AdoptableContainer found, CancellationToken cancellationToken) =>
        ReadyAsync(found.Container, found.Labels, found.Exited, found.Group.Companions, cancellationToken);

    private async Task<StartOutcome> ReadyAsync(
        Container container, ContainerLabels labels, Task<BackendExit> exited, IReadOnlyList<ContainerMember> companions, CancellationToken cancellationToken)
    {
        // Of a container that has joined another's network an inspection shows no address.
        var running = RunningContainer.Of(container, labels.Address, companions.Count == 0 ? container : companions[^1].Container);
        var ready = await readiness.WaitAsync(running, exited, companions, cancellationToken);
        switch (ready)
        {
            case Readiness.Listening { Address: var listening }:
                logger.ContainerReady(request.Key.ToShortString(), container.Id, listening.ToString());
                return new StartOutcome.Started(running.ToBackend(listening, labels.Created, groups.Add(labels.Group, container.Id, exited, companions)));
            case Readiness.Exited exit:
                foreach (var id in companions.Select(companion => companion.Id).Prepend(container.Id))
                {
                    await removal.TryRemoveAsync(id, cancellationToken);
                }

                return new StartOutcome.Failed(StartFailure.Exited, exit.Reason);
            case Readiness.GivenUp givenUp:
                return new StartOutcome.Failed(StartFailure.NotReady, givenUp.Reason);
            default:
                throw new InvalidOperationException($"No such readiness: {ready}.");
        }
    }
}
