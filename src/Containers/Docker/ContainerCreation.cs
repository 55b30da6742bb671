using System.Collections.Concurrent;
using System.Globalization;
using Instancer.Actors;
using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>
/// Makes containers. A request to make one is never cut off: the engine would make the container all the same, and nobody would know of
/// it. One that is given up runs on to its answer, and what it made is removed.
/// </summary>
internal sealed class ContainerCreation(EngineClient engine, string node, TimeProvider time, ContainerRemoval removal, ILogger logger)
{
    private readonly ConcurrentDictionary<InstanceKey, Task> _givenUp = [];

    public string Node => node;

    public async Task<EngineResult<Created>> CreateAsync(
        InstanceKey key, DockerTemplate template, string network, ContainerAddress address, CancellationToken cancellationToken)
    {
        await SettledAsync(key, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var container = Specification(key, template, network, address);
        var creating = engine.CreateContainerAsync(ContainerName.Of(node, key), container, CancellationToken.None);
        try
        {
            return await creating.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _givenUp[key] = settled.Task;
            _ = RemoveWhenMadeAsync(key, creating, settled);
            throw;
        }
    }

    /// <summary>Ends when no creation for the key that was given up is still under way.</summary>
    public Task SettledAsync(InstanceKey key, CancellationToken cancellationToken) =>
        _givenUp.TryGetValue(key, out var settling) ? settling.WaitAsync(cancellationToken) : Task.CompletedTask;

    private async Task RemoveWhenMadeAsync(InstanceKey key, Task<EngineResult<Created>> creating, TaskCompletionSource settled)
    {
        var created = await creating;
        if (created.Value is { } made)
        {
            logger.CreatedTooLate(key.ToShortString());
            await removal.TryRemoveAsync(made.Id, CancellationToken.None);
        }

        _givenUp.TryRemove(new(key, settled.Task));
        settled.SetResult();
    }

    private CreateContainer Specification(InstanceKey key, DockerTemplate template, string network, ContainerAddress address)
    {
        var port = string.Create(CultureInfo.InvariantCulture, $"{template.ContainerPort}/tcp");
        return new CreateContainer
        {
            Image = template.Image,
            Cmd = template.Command,
            Env = template.Environment.Count == 0 ? null : [.. template.Environment.Select(pair => $"{pair.Key}={pair.Value}")],
            Labels = new ContainerLabels(node, key, time.GetUtcNow(), template.SpecHash, address).ToMap(),
            ExposedPorts = new Dictionary<string, Empty> { [port] = new() },
            HostConfig = new HostConfig
            {
                NetworkMode = network,
                PortBindings = address is ContainerAddress.Published { EndPoint: var at }
                    ? new Dictionary<string, IReadOnlyList<PortBinding>>
                    {
                        [port] = [new PortBinding(at.Address.ToString(), at.Port.ToString(CultureInfo.InvariantCulture))],
                    }
                    : null,
                Memory = template.Memory,
                // Memory and swap together: as much as memory alone, so no swap.
                MemorySwap = template.Memory,
                NanoCpus = template.NanoCpus,
                PidsLimit = template.Pids,
                RestartPolicy = new RestartPolicy("no"),
                // What clients make a server write must not fill the host's disk.
                LogConfig = new LogConfig("json-file", new Dictionary<string, string> { ["max-size"] = "1m", ["max-file"] = "1" }),
            },
        };
    }
}
