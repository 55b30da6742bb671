using System.Globalization;
using System.Net;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker.Engine;
using Instancer.Containers.Linux;

namespace Instancer.Containers.Docker;

/// <summary>How waiting for a container ended.</summary>
internal abstract record Readiness
{
    /// <summary>It accepts connections.</summary>
    public sealed record Listening : Readiness;

    /// <summary>It ended first.</summary>
    public sealed record Exited(string Reason) : Readiness;

    /// <summary>It was given up.</summary>
    public sealed record GivenUp(string Reason) : Readiness;
}

/// <summary>
/// Finds out whether the server in a container accepts connections. On the engine's own host the kernel tells: the table of sockets
/// of the container's network namespace is read, and no connection is spent. Elsewhere it is dialled.
/// </summary>
internal sealed class ContainerReadiness(EngineClient engine, TimeProvider time)
{
    private readonly ConnectProbe _connect = new(time);

    /// <summary>Waits until the container listens, ends, or <paramref name="cancellationToken"/> gives it up.</summary>
    public async Task<Readiness> WaitAsync(RunningContainer container, Task<BackendExit> exited, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var interval = PollInterval.ForReadiness();
        var look = LookFor(container);
        try
        {
            while (true)
            {
                if (exited.IsCompleted)
                {
                    return await ExitedAsync(container, (await exited).Reason, cancellationToken);
                }

                var seen = await look(cancellationToken);
                if (seen == Look.Listening)
                {
                    return new Readiness.Listening();
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

    /// <summary>Looks once.</summary>
    public async Task<bool> ListensAsync(RunningContainer container, CancellationToken cancellationToken) =>
        await LookFor(container)(cancellationToken) == Look.Listening;

    private Func<CancellationToken, Task<Look>> LookFor(RunningContainer container)
    {
        if (!HostProcesses.BelongsTo(container.Pid, container.Id))
        {
            return token => _connect.LookAsync(container, token);
        }

        var lookup = new ListenerLookup(container.Pid, new IPEndPoint(container.Ip, container.Address.ContainerPort));
        return _ => Task.FromResult(lookup.Look() switch
        {
            ListenerState.Present => Look.Listening,
            ListenerState.Absent => Look.Nothing,
            _ => Look.MayHaveEnded,
        });
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
        var others = HostProcesses.BelongsTo(container.Pid, container.Id) ? SocketTable.Read(container.Pid) ?? [] : [];
        // The engine's own name server listens at 127.0.0.11 in every container on a network like ours.
        var named = others.Where(socket => !socket.EndPoint.Address.Equals(EngineNameServer)).Select(socket => socket.EndPoint.ToString()).Distinct().Take(8);
        var list = string.Join(", ", named);
        return list.Length > 0 ? $"{reason}; it listens at {list}" : reason;
    }

    private static readonly IPAddress EngineNameServer = new([127, 0, 0, 11]);
}

/// <summary>What one look at a container showed.</summary>
internal enum Look
{
    /// <summary>It does not accept connections yet.</summary>
    Nothing,

    /// <summary>It accepts connections.</summary>
    Listening,

    /// <summary>It does not, and the engine should be asked if it still runs.</summary>
    MayHaveEnded,
}

/// <summary>A container that was started, as one inspection showed it.</summary>
internal sealed record RunningContainer(string Id, int Pid, IPAddress Ip, ContainerAddress Address)
{
    /// <summary>Where sessions dial.</summary>
    public IPEndPoint Dialled => Address is ContainerAddress.Published published ? published.EndPoint : new IPEndPoint(Ip, Address.ContainerPort);
}
