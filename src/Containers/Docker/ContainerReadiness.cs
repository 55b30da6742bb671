using System.Collections.Concurrent;
using System.Globalization;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker.Engine;
using Instancer.Containers.Linux;

namespace Instancer.Containers.Docker;

/// <summary>How waiting for a container ended.</summary>
internal abstract record Readiness
{
    /// <summary>It accepts connections, and its health check has passed if it has one.</summary>
    /// <param name="Address">Where.</param>
    public sealed record Listening(BackendAddress Address) : Readiness;

    /// <summary>It ended first.</summary>
    public sealed record Exited(string Reason) : Readiness;

    /// <summary>It was given up.</summary>
    public sealed record GivenUp(string Reason) : Readiness;
}

/// <summary>
/// Finds out whether the server in a container accepts connections. On the engine's own host the kernel tells: the table of sockets
/// of the container's network namespace is read, and no connection is spent. Elsewhere it is dialled. Where the image has a health check, that has to
/// have passed as well; the engine is asked for it only while the server listens.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="slots">The networks that the gateway joins.</param>
/// <param name="namespaceObstacle">Why containers without a network cannot be reached; null if they can.</param>
/// <param name="time">The clock.</param>
internal sealed class ContainerReadiness(EngineClient engine, SlotJoining slots, string? namespaceObstacle, TimeProvider time)
{
    private readonly ConnectProbe _connect = new(time);
    private readonly ConcurrentDictionary<string, bool> _wereReady = new(StringComparer.Ordinal);

    /// <summary>Whether the gateway can dial such an address. A container that an earlier process started may have one that this process cannot.</summary>
    public async ValueTask<bool> CanReachAsync(ContainerAddress address, CancellationToken cancellationToken) => address switch
    {
        ContainerAddress.Namespace => namespaceObstacle is null,
        // The gateway's container may be another one by now.
        ContainerAddress.Joined { Network: var network } => (await slots.JoinAsync(network, cancellationToken)).Succeeded,
        _ => true,
    };

    /// <summary>Waits until the container is ready, ends, or <paramref name="cancellationToken"/> gives it up.</summary>
    public async Task<Readiness> WaitAsync(RunningContainer container, Task<BackendExit> exited, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var interval = PollInterval.ForReadiness();
        var healthInterval = PollInterval.ForHealth();
        var (listens, listened) = (false, false);
        Health? health = null;
        var watch = new ContainerWatch(container, _connect);
        try
        {
            while (true)
            {
                if (exited.IsCompleted)
                {
                    return await ExitedAsync(container, (await exited).Reason, listened, cancellationToken);
                }

                var seen = await watch.LookAsync(cancellationToken);
                listens = seen == Look.Listening;
                listened |= listens;
                if (listens && !container.AwaitsHealth)
                {
                    return Ready(container, watch);
                }

                if (seen != Look.Nothing)
                {
                    var inspected = await engine.InspectContainerAsync(container.Id, cancellationToken);
                    if (inspected.Error is { IsNotFound: true })
                    {
                        return new Readiness.Exited("removed from outside " + Before(listened));
                    }

                    if (inspected.Value is { State.Running: false } ended)
                    {
                        return await ExitedAsync(container, ContainerExits.ExitOf(ended.State).Reason, listened, cancellationToken);
                    }

                    health = inspected.Value?.State.Health ?? health;
                    if (listens && inspected.Succeeded && !HealthCheck.HoldsBack(health))
                    {
                        return Ready(container, watch);
                    }
                }

                await Task.WhenAny(exited, Task.Delay(listens ? healthInterval.Next() : interval.Next(), time, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            var waited = time.GetElapsedTime(started);
            return new Readiness.GivenUp(listens ? NotHealthy(container, health, waited) : NotListening(container, waited));
        }
    }

    /// <summary>
    /// Looks once; where to dial, and whether the container is ready there. Where that takes a connection, none is spent on one that was ready before and
    /// runs: the server may serve each that it gets, and the engine tells of its end.
    /// </summary>
    public async Task<(BackendAddress Address, bool IsReady)> LookAsync(RunningContainer container, CancellationToken cancellationToken)
    {
        var watch = new ContainerWatch(container, _connect);
        var isReady = !container.AwaitsHealth
            && await CanReachAsync(container.Address, cancellationToken)
            && ((watch.Dials && container.Pid != 0 && _wereReady.ContainsKey(container.Id)) || await watch.LookAsync(cancellationToken) == Look.Listening);
        return isReady ? (Ready(container, watch).Address, true) : (watch.Address, false);
    }

    /// <summary>To be called with all containers that there are: what is known of others is forgotten. Of one that was left out it is found out again.</summary>
    public void ForgetOthers(IEnumerable<string> there)
    {
        var kept = there.ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _wereReady.Keys.Where(id => !kept.Contains(id)))
        {
            _wereReady.TryRemove(gone, out _);
        }
    }

    private Readiness.Listening Ready(RunningContainer container, ContainerWatch watch)
    {
        if (watch.Dials)
        {
            _wereReady[container.Id] = true;
        }

        return new Readiness.Listening(watch.Address);
    }

    private async Task<Readiness> ExitedAsync(RunningContainer container, string how, bool listened, CancellationToken cancellationToken)
    {
        var line = await engine.GetLastLogLineAsync(container.Id, cancellationToken);
        var reason = $"{how} {Before(listened)}";
        return new Readiness.Exited(line.Length > 0 ? $"{reason}: {StartFailures.Explained(line)}" : reason);
    }

    private static string Before(bool listened) => listened ? "before its health check passed" : "before it listened";

    private static string NotHealthy(RunningContainer container, Health? health, TimeSpan waited) => string.Create(
        CultureInfo.InvariantCulture,
        $"it listens on port {container.Address.ContainerPort}, but its health check had not passed within {waited.TotalSeconds:0.0} s: {HealthCheck.Explain(health)}");

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
