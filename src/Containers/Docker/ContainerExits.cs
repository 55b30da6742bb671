using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>
/// Tells when containers end: one stream of the engine's events, opened anew when it breaks. Each time it opens, the containers are
/// listed too, so that an end that was missed meanwhile is found.
/// </summary>
internal sealed class ContainerExits(EngineClient engine, string node, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int Killed = 128 + 9;

    private readonly ConcurrentDictionary<string, TaskCompletionSource<BackendExit>> _running = new(StringComparer.Ordinal);
    // Those that the engine saw run out of memory and that have not ended since. It says so before it says that they ended.
    private readonly HashSet<string> _outOfMemory = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _starting = new();
    private Task? _watching;

    private string Label => $"{ContainerLabels.NodeLabel}={node}";

    /// <summary>Ends when the container has ended. To be asked before it is started, so that no end is missed.</summary>
    public Task<BackendExit> Of(string id)
    {
        lock (_starting)
        {
            _watching ??= Task.Run(WatchAsync);
        }

        return _running.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    /// <summary>Reports an end that was seen elsewhere.</summary>
    public void Report(string id, BackendExit exit)
    {
        if (_running.TryRemove(id, out var source))
        {
            source.TrySetResult(exit);
        }
    }

    /// <summary>
    /// How a container ended that had this status: the engine gives 128 + N for one that signal N killed. What ran out of memory may have been
    /// another process than the one whose status it is; either is a reason for it. The engine may notice it too late to say so, or not at all: what a
    /// signal 9 ended may always have been that.
    /// </summary>
    public static BackendExit ExitOf(int status, bool outOfMemory)
    {
        var how = status is > 128 and <= 128 + 64
            ? string.Create(CultureInfo.InvariantCulture, $"killed by signal {status - 128}")
            : string.Create(CultureInfo.InvariantCulture, $"exited with status {status}");
        return new BackendExit(
            outOfMemory && status != 0 ? $"{how} (out of memory)"
            : status == Killed ? $"{how} (from outside, or out of memory)"
            : how);
    }

    public static BackendExit ExitOf(ContainerState state) => ExitOf(state.ExitCode, state.OOMKilled);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Task? watching;
        lock (_starting)
        {
            watching = _watching;
        }

        if (watching is not null)
        {
            await watching;
        }

        _stopping.Dispose();
    }

    private async Task WatchAsync()
    {
        var pause = PollInterval.ForReconnects();
        string? logged = null;
        while (!_stopping.IsCancellationRequested)
        {
            string lost;
            try
            {
                var events = await engine.OpenEventsAsync(Label, _stopping.Token);
                if (events.Succeeded)
                {
                    await using var stream = events.Value;
                    _outOfMemory.Clear();
                    await ReconcileAsync();
                    pause = PollInterval.ForReconnects();
                    logged = null;
                    lost = await ReadAsync(stream);
                }
                else
                {
                    lost = events.Error.Message;
                }
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (IOException e)
            {
                lost = OneLine.Of(e.Message);
            }

            // Once, however long the engine is away.
            if (lost != logged)
            {
                logger.EventsLost(lost);
                logged = lost;
            }

            await Task.Delay(pause.Next(), time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<string> ReadAsync(Stream stream)
    {
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(_stopping.Token) is { } line)
        {
            EngineEvent? happened;
            try
            {
                happened = JsonSerializer.Deserialize(line, EngineJson.Default.EngineEvent);
            }
            catch (JsonException e)
            {
                logger.EventUnreadable(OneLine.Of(e.Message));
                continue;
            }

            if (happened is { Action: "oom", Actor.Id: { } starved })
            {
                _outOfMemory.Add(starved);
            }
            else if (happened?.Actor?.Id is { } id)
            {
                Report(id, ExitOf(happened, _outOfMemory.Remove(id)));
            }
        }

        return "the engine closed it";
    }

    private static BackendExit ExitOf(EngineEvent happened, bool outOfMemory) =>
        happened.Action == "die"
        && int.TryParse(happened.Actor?.Attributes?.GetValueOrDefault("exitCode"), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? ExitOf(status, outOfMemory)
            : new BackendExit("removed from outside");

    private async Task ReconcileAsync()
    {
        // Taken before the listing: what is made while it runs is not in it, and has not ended.
        var known = _running.Keys.ToArray();
        _outOfMemory.IntersectWith(known);
        if (known.Length == 0)
        {
            return;
        }

        var listed = await engine.ListContainersAsync([Label], _stopping.Token);
        if (!listed.Succeeded)
        {
            throw new IOException(listed.Error.Message);
        }

        var states = listed.Value.ToDictionary(container => container.Id, container => container.State, StringComparer.Ordinal);
        foreach (var id in known)
        {
            if (!states.TryGetValue(id, out var state))
            {
                Report(id, new BackendExit("removed from outside"));
            }
            else if (ContainerState.EndedStates.Contains(state))
            {
                var container = await engine.InspectContainerAsync(id, _stopping.Token);
                Report(id, container.Value is { } ended ? ExitOf(ended.State)
                    : container.Error!.IsNotFound ? new BackendExit("removed from outside")
                    : new BackendExit($"has ended, and the engine does not say how: {container.Error.Message}"));
            }
        }
    }
}
