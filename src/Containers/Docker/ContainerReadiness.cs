using System.Globalization;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker.Engine;
using Instancer.Containers.Linux;

namespace Instancer.Containers.Docker;

/// <summary>How waiting for a container ended.</summary>
internal abstract record Readiness
{
    /// <summary>It accepts connections.</summary>
    /// <param name="Address">Where.</param>
    public sealed record Listening(BackendAddress Address) : Readiness;

    /// <summary>It ended first.</summary>
    public sealed record Exited(string Reason) : Readiness;

    /// <summary>It was given up.</summary>
    public sealed record GivenUp(string Reason) : Readiness;
}

/// <summary>
/// Finds out whether the server in a container accepts connections. On the engine's own host the kernel tells: the table of sockets
/// of the container's network namespace is read, and no connection is spent. Elsewhere it is dialled.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="namespaceObstacle">Why containers without a network cannot be reached; null if they can.</param>
/// <param name="time">The clock.</param>
internal sealed class ContainerReadiness(EngineClient engine, string? namespaceObstacle, TimeProvider time)
{
    private readonly ConnectProbe _connect = new(time);

    /// <summary>Whether the gateway can dial such an address. A container that an earlier process started may have one that this process cannot.</summary>
    public bool CanReach(ContainerAddress address) => address is not ContainerAddress.Namespace || namespaceObstacle is null;

    /// <summary>Waits until the container listens, ends, or <paramref name="cancellationToken"/> gives it up.</summary>
    public async Task<Readiness> WaitAsync(RunningContainer container, Task<BackendExit> exited, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var interval = PollInterval.ForReadiness();
        var watch = new ContainerWatch(container, _connect);
        try
        {
            while (true)
            {
                if (exited.IsCompleted)
                {
                    return await ExitedAsync(container, (await exited).Reason, cancellationToken);
                }

                var seen = await watch.LookAsync(cancellationToken);
                if (seen == Look.Listening)
                {
                    return new Readiness.Listening(watch.Address);
                }

                if (seen == Look.MayHaveEnded)
                {
                    var inspected = await engine.InspectContainerAsync(container.Id, cancellationToken);
                    if (inspected.Error is { IsNotFound: true })
                    {
                        return new Readiness.Exited("removed from outside before it listened");
                    }

                    if (inspected.Value is { State.Running: false } ended)
                    {
                        return await ExitedAsync(container, ContainerExits.ExitOf(ended.State).Reason, cancellationToken);
                    }
                }

                await Task.WhenAny(exited, Task.Delay(interval.Next(), time, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new Readiness.GivenUp(NotListening(container, time.GetElapsedTime(started)));
        }
    }

    /// <summary>Looks once; where to dial, and whether the container accepts connections there.</summary>
    public async Task<(BackendAddress Address, bool Listens)> LookAsync(RunningContainer container, CancellationToken cancellationToken)
    {
        var watch = new ContainerWatch(container, _connect);
        var listens = CanReach(container.Address) && await watch.LookAsync(cancellationToken) == Look.Listening;
        return (watch.Address, listens);
    }

    private async Task<Readiness> ExitedAsync(RunningContainer container, string how, CancellationToken cancellationToken)
    {
        var line = await engine.GetLastLogLineAsync(container.Id, cancellationToken);
        return new Readiness.Exited(line.Length > 0 ? $"{how} before it listened: {StartFailures.Explained(line)}" : $"{how} before it listened");
    }

    private static string NotListening(RunningContainer container, TimeSpan waited)
    {
        var reason = string.Create(
            CultureInfo.InvariantCulture,
            $"nothing listened on port {container.Address.ContainerPort} of the container within {waited.TotalSeconds:0.0} s");
        var isHere = HostProcesses.BelongsTo(container.Pid, container.Id);
        if (!isHere && container.Address is ContainerAddress.Namespace)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{reason}; its process {container.Pid} is not one of those that the gateway sees");
        }

        var others = isHere ? SocketTable.Read(container.Pid) ?? [] : [];
        var named = others.Where(socket => !container.IsNameServer(socket.EndPoint)).Select(socket => socket.EndPoint.ToString()).Distinct().Take(8);
        var list = string.Join(", ", named);
        return list.Length > 0 ? $"{reason}; it listens at {list}" : reason;
    }
}
