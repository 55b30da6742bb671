using System.Collections.Concurrent;
using Instancer.Actors;
using Instancer.Actors.Instances;

namespace Instancer.Containers.Docker;

/// <summary>
/// Which containers are one instance, as far as this process has started or found them: so that by the id of the one that sessions reach all of
/// them are removed, and that none is taken for left behind while the others are yet to be made or removed.
/// </summary>
internal sealed class ContainerGroups
{
    private sealed record Known(string Group, string[] Companions, Task<BackendExit> Exited)
    {
        // One that has ended may run again: somebody restarted it.
        public bool Is(string[] companions) => !Exited.IsCompleted && Companions.SequenceEqual(companions);
    }

    private sealed record Removal(InstanceKey Key, bool IsUnderWay);

    private readonly ConcurrentDictionary<string, Known> _byFront = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _starting = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Removal> _removals = new(StringComparer.Ordinal);

    /// <summary>The label of a group that is about to be made. It is busy until <see cref="Began"/>.</summary>
    public string Begin()
    {
        var group = Guid.NewGuid().ToString("N");
        _starting[group] = group;
        return group;
    }

    /// <summary>The making of a group is over.</summary>
    public void Began(string group) => _starting.TryRemove(group, out _);

    /// <summary>
    /// Keeps which companions, the one last whose network it is, belong to the container that sessions reach, and gives the end of the instance they
    /// are: the same task each time, since what waits for the ends of its members is left with them for as long as they run.
    /// </summary>
    public Task<BackendExit> Add(string? group, string front, Task<BackendExit> exited, IReadOnlyList<ContainerMember> companions)
    {
        if (group is null || companions.Count == 0)
        {
            return exited;
        }

        string[] ids = [.. companions.Select(companion => companion.Id)];
        return _byFront.AddOrUpdate(front, _ => New(), (_, known) => known.Group == group && known.Is(ids) ? known : New()).Exited;

        Known New() => new(group, ids, ContainerMember.ExitOf(exited, companions));
    }

    /// <summary>The companions of a container, in the order of their removal.</summary>
    public IReadOnlyList<string> CompanionsOf(string front) => _byFront.TryGetValue(front, out var known) ? known.Companions : [];

    /// <summary>The label of a container's group, if it is known.</summary>
    public string? GroupOf(string front) => _byFront.GetValueOrDefault(front)?.Group;

    /// <summary>A group is about to be removed, as what is under a key. It is busy until <see cref="RemovalEnded"/>.</summary>
    public void RemovalBegins(string group, InstanceKey key) => _removals[group] = new Removal(key, IsUnderWay: true);

    /// <summary>The removal of a group is over. Unless all of it is gone for certain, it stays known which key's the rest is.</summary>
    public void RemovalEnded(string group, InstanceKey key, bool isGone)
    {
        if (isGone)
        {
            Forget(group);
        }
        else
        {
            _removals[group] = new Removal(key, IsUnderWay: false);
        }
    }

    /// <summary>The groups whose removal under a key has begun and not come to its end: there may be companions left, which do not say that they are the key's.</summary>
    public IEnumerable<string> LeftOf(InstanceKey key) => _removals.Where(one => one.Value.Key == key).Select(one => one.Key);

    /// <summary>Whether somebody is making or removing it right now.</summary>
    public bool IsBusy(string group) => _starting.ContainsKey(group) || _removals.TryGetValue(group, out var removal) && removal.IsUnderWay;

    /// <summary>Those that there is something to forget of.</summary>
    public IReadOnlyCollection<string> All() => _byFront.Values.Select(known => known.Group).Concat(_removals.Keys).ToHashSet();

    /// <summary>To be called when all of a group are gone for certain.</summary>
    public void Forget(string group)
    {
        _removals.TryRemove(group, out _);
        foreach (var (front, known) in _byFront)
        {
            if (known.Group == group)
            {
                _byFront.TryRemove(front, out _);
            }
        }
    }
}
