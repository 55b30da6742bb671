using System.Collections.Concurrent;

namespace Instancer.Containers.Docker;

/// <summary>
/// Which containers are one instance, as far as this process has started or found them: so that by the id of the one that sessions reach all of
/// them are removed, and that none is taken for left behind while it is used or while the others are yet to be made.
/// </summary>
internal sealed class ContainerGroups
{
    private sealed record Known(string Group, IReadOnlyList<string> Companions);

    private readonly ConcurrentDictionary<string, Known> _byFront = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _starting = new(StringComparer.Ordinal);

    /// <summary>The label of a group that is about to be made. It is known until <see cref="Began"/>.</summary>
    public string Begin()
    {
        var group = Guid.NewGuid().ToString("N");
        _starting[group] = group;
        return group;
    }

    /// <summary>The making of a group is over: it is known by <see cref="Add"/> from now on, or not at all.</summary>
    public void Began(string group) => _starting.TryRemove(group, out _);

    /// <summary>Keeps which companions, the one last whose network it is, belong to the container that sessions reach.</summary>
    public void Add(string group, string front, IReadOnlyList<string> companions) => _byFront[front] = new Known(group, companions);

    /// <summary>The companions of a container, in the order of their removal.</summary>
    public IReadOnlyList<string> CompanionsOf(string front) => _byFront.TryGetValue(front, out var known) ? known.Companions : [];

    /// <summary>To be called when all of them are gone for certain.</summary>
    public void Forget(string front) => _byFront.TryRemove(front, out _);

    public bool IsKnown(string group) => _starting.ContainsKey(group) || _byFront.Values.Any(known => known.Group == group);
}
