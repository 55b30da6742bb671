using Instancer.Actors;
using Instancer.Containers.Docker.Engine;

namespace Instancer.Containers.Docker;

/// <summary>Removes instances: a container with all its companions. Null once all of them are gone for certain.</summary>
internal sealed class InstanceRemoval(
    EngineClient engine, string node, ContainerCreation creation, ContainerRemoval removal, GroupInspection group, ContainerGroups groups)
{
    /// <summary>The one whose container sessions reach under such an id.</summary>
    public async Task<EngineError?> RemoveAsync(string id, CancellationToken cancellationToken)
    {
        var error = await RemoveEachAsync([id, .. groups.CompanionsOf(id)], cancellationToken);
        if (error is null)
        {
            groups.Forget(id);
        }

        return error;
    }

    /// <summary>The one that a container belongs to, known or not.</summary>
    public async Task<EngineError?> RemoveAsync(Container container, CancellationToken cancellationToken)
    {
        var ids = await WithItsGroupAsync(container, cancellationToken);
        return ids.Succeeded ? await RemoveAndForgetAsync(ids.Value, cancellationToken) : ids.Error;
    }

    /// <summary>Whatever is under a key.</summary>
    public async Task<EngineError?> RemoveAllAsync(InstanceKey key, CancellationToken cancellationToken)
    {
        // A creation that was given up may still come about; nothing is gone for certain before it has ended.
        await creation.SettledAsync(key, cancellationToken);
        var listed = await engine.ListContainersAsync(ContainerLabels.FiltersFor(node, key), cancellationToken);
        if (!listed.Succeeded)
        {
            return listed.Error;
        }

        // One that was a spare has the labels of its stand-in, and the name of its key.
        var named = await engine.InspectContainerAsync(ContainerName.Of(node, key), cancellationToken);
        if (!named.Succeeded && !named.Error.IsNotFound)
        {
            return named.Error;
        }

        List<string> ids = [.. GroupInspection.InOrder(listed.Value).Select(container => container.Id)];
        if (named.Value is { } container && removal.IsOurs(container.Config?.Labels) && !ids.Contains(container.Id))
        {
            var all = await WithItsGroupAsync(container, cancellationToken);
            if (!all.Succeeded)
            {
                return all.Error;
            }

            ids.AddRange(all.Value);
        }

        return await RemoveAndForgetAsync(ids, cancellationToken);
    }

    private async Task<EngineResult<List<string>>> WithItsGroupAsync(Container container, CancellationToken cancellationToken)
    {
        if (ContainerLabels.GroupOf(container.Config?.Labels) is not { } label)
        {
            return new List<string> { container.Id };
        }

        var listed = await group.ListAsync(label, cancellationToken);
        return listed.Succeeded ? listed.Value.Select(one => one.Id).ToList() : listed.Error;
    }

    private async Task<EngineError?> RemoveAndForgetAsync(List<string> ids, CancellationToken cancellationToken)
    {
        var error = await RemoveEachAsync(ids, cancellationToken);
        foreach (var id in error is null ? ids : [])
        {
            groups.Forget(id);
        }

        return error;
    }

    private async Task<EngineError?> RemoveEachAsync(IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        foreach (var id in ids)
        {
            if (await removal.RemoveAsync(id, cancellationToken) is { } error)
            {
                return error;
            }
        }

        return null;
    }
}
