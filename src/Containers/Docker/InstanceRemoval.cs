using Instancer.Actors;
using Instancer.Containers.Docker.Engine;

namespace Instancer.Containers.Docker;

/// <summary>Removes instances: a container with all its companions. Null once all of them are gone for certain.</summary>
internal sealed class InstanceRemoval(
    EngineClient engine, string node, ContainerCreation creation, ContainerRemoval removal, GroupInspection group, ContainerGroups groups)
{
    /// <summary>The one whose container sessions reach under such an id, which has been the key's.</summary>
    public Task<EngineError?> RemoveAsync(InstanceKey key, string id, CancellationToken cancellationToken) =>
        RemoveEachAsync(key, [id, .. groups.CompanionsOf(id)], groups.GroupOf(id) is { } label ? [label] : [], cancellationToken);

    /// <summary>The one that a container belongs to, known or not, which has the key's name.</summary>
    public async Task<EngineError?> RemoveAsync(InstanceKey key, Container container, CancellationToken cancellationToken)
    {
        if (ContainerLabels.GroupOf(container.Config?.Labels) is not { } label)
        {
            return await RemoveEachAsync(key, [container.Id], [], cancellationToken);
        }

        var listed = await group.ListAsync(label, cancellationToken);
        return listed.Succeeded ? await RemoveEachAsync(key, listed.Value.Select(one => one.Id), [label], cancellationToken) : listed.Error;
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
        HashSet<string> labels = [.. listed.Value.Select(container => ContainerLabels.GroupOf(container.Labels)).OfType<string>()];
        // And of what is left of such a one, once that container is gone, not even the name says whose it was.
        HashSet<string> elsewhere = [.. groups.LeftOf(key)];
        if (named.Value is { } container && removal.IsOurs(container.Config?.Labels) && !ids.Contains(container.Id))
        {
            if (ContainerLabels.GroupOf(container.Config?.Labels) is { } its)
            {
                elsewhere.Add(its);
            }
            else
            {
                ids.Add(container.Id);
            }
        }

        foreach (var label in elsewhere.Where(labels.Add))
        {
            var rest = await group.ListAsync(label, cancellationToken);
            if (!rest.Succeeded)
            {
                return rest.Error;
            }

            ids.AddRange(rest.Value.Select(one => one.Id));
        }

        return await RemoveEachAsync(key, ids, labels, cancellationToken);
    }

    private async Task<EngineError?> RemoveEachAsync(
        InstanceKey key, IEnumerable<string> ids, IReadOnlyCollection<string> labels, CancellationToken cancellationToken)
    {
        foreach (var label in labels)
        {
            groups.RemovalBegins(label, key);
        }

        var isGone = false;
        try
        {
            foreach (var id in ids)
            {
                if (await removal.RemoveAsync(id, cancellationToken) is { } error)
                {
                    return error;
                }
            }

            isGone = true;
            return null;
        }
        finally
        {
            foreach (var label in labels)
            {
                groups.RemovalEnded(label, key, isGone);
            }
        }
    }
}
