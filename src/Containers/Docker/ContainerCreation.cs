using System.Collections.Concurrent;
using Instancer.Actors;
using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>
/// Makes containers. A request to make one is never cut off: the engine would make the container all the same, and nobody would know of
/// it. One that is given up runs on to its answer, and what it made is removed.
/// </summary>
internal sealed class ContainerCreation(EngineClient engine, ContainerRemoval removal, ILogger logger)
{
    private readonly ConcurrentDictionary<InstanceKey, Task> _givenUp = [];

    public async Task<EngineResult<Created>> CreateAsync(InstanceKey key, string name, CreateContainer container, CancellationToken cancellationToken)
    {
        await SettledAsync(key, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var creating = engine.CreateContainerAsync(name, container, CancellationToken.None);
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
}
