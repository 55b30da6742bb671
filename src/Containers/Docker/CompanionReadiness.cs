using System.Globalization;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker.Engine;

namespace Instancer.Containers.Docker;

/// <summary>Waits for containers that have companions: for these, whose health checks have to pass, and with them, whose end is the end of all.</summary>
internal sealed class CompanionReadiness(EngineClient engine, ContainerReadiness readiness, TimeProvider time)
{
    /// <summary>
    /// Waits until the last of <paramref name="running"/> is healthy, if its image has a health check. Null once it is; why not, if one of them
    /// ends first or <paramref name="cancellationToken"/> gives it up.
    /// </summary>
    public async Task<StartOutcome.Failed?> WaitAsync(IReadOnlyList<ContainerMember> running, CancellationToken cancellationToken)
    {
        var companion = running[^1];
        var started = time.GetTimestamp();
        var interval = PollInterval.ForHealth();
        var ended = ContainerMember.FirstEndedAsync(running);
        var state = companion.Container.State;
        try
        {
            while (true)
            {
                if (ended.IsCompleted)
                {
                    return await EndedAsync(await ended, cancellationToken);
                }

                if (!state.Running)
                {
                    return await EndedAsync(companion, ContainerExits.ExitOf(state).Reason, cancellationToken);
                }

                if (!HealthCheck.HoldsBack(state.Health))
                {
                    return null;
                }

                await Task.WhenAny(ended, Task.Delay(interval.Next(), time, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
                var inspected = await engine.InspectContainerAsync(companion.Id, cancellationToken);
                if (inspected.Error is { IsNotFound: true })
                {
                    return Ended(companion, "removed from outside");
                }

                state = inspected.Value?.State ?? state;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            var waited = time.GetElapsedTime(started);
            return new StartOutcome.Failed(StartFailure.NotReady, ContainerMember.Said(companion.Name, string.Create(
                CultureInfo.InvariantCulture,
                $"its health check had not passed within {waited.TotalSeconds:0.0} s: {HealthCheck.Explain(state.Health)}")));
        }
    }

    /// <summary>How the first of them that has ended did; null if all run, as far as the engine tells.</summary>
    public async Task<StartOutcome.Failed?> FindEndedAsync(IReadOnlyList<ContainerMember> companions, CancellationToken cancellationToken)
    {
        foreach (var companion in companions)
        {
            var inspected = await engine.InspectContainerAsync(companion.Id, cancellationToken);
            if (inspected.Value is { State.HasEnded: true } ended)
            {
                return await EndedAsync(companion, ContainerExits.ExitOf(ended.State).Reason, cancellationToken);
            }
        }

        return null;
    }

    /// <summary>Waits until <paramref name="front"/> is ready, it or one of its companions ends, or it is given up.</summary>
    public async Task<Readiness> WaitAsync(
        RunningContainer front, Task<BackendExit> exited, IReadOnlyList<ContainerMember> companions, CancellationToken cancellationToken)
    {
        if (companions.Count == 0)
        {
            return await readiness.WaitAsync(front, exited, cancellationToken);
        }

        using var nobodyWaits = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waiting = readiness.WaitAsync(front, exited, nobodyWaits.Token);
        var ended = ContainerMember.FirstEndedAsync(companions);
        if (await Task.WhenAny(waiting, ended) == waiting)
        {
            return await waiting;
        }

        await nobodyWaits.CancelAsync();
        await waiting;
        return new Readiness.Exited((await EndedAsync(await ended, cancellationToken)).Reason);
    }

    private async Task<StartOutcome.Failed> EndedAsync(ContainerMember member, CancellationToken cancellationToken) =>
        await EndedAsync(member, (await member.Exited).Reason, cancellationToken);

    private async Task<StartOutcome.Failed> EndedAsync(ContainerMember member, string how, CancellationToken cancellationToken)
    {
        var line = await engine.GetLastLogLineAsync(member.Id, cancellationToken);
        return Ended(member, how, line.Length > 0 ? $": {StartFailures.Explained(line)}" : "");
    }

    private static StartOutcome.Failed Ended(ContainerMember member, string how, string line = "") =>
        new(StartFailure.Exited, ContainerMember.Said(member.Name, $"{how} before the instance was ready{line}"));
}
