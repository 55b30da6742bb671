using System.Collections.Immutable;

namespace Instancer.Cluster.Membership;

/// <summary>The members as this node last heard of them. One thread writes, any thread reads.</summary>
internal sealed class MemberTable : IMemberDirectory
{
    private volatile ImmutableDictionary<string, Member> _members = ImmutableDictionary<string, Member>.Empty;

    /// <inheritdoc/>
    public IReadOnlyCollection<Member> All => [.. _members.Values];

    /// <summary>How many there are.</summary>
    public int Count => _members.Count;

    /// <inheritdoc/>
    public Member? Find(string name) => _members.GetValueOrDefault(name);

    /// <inheritdoc/>
    public event Action<string>? Changed;

    /// <summary>What is there, and nothing else.</summary>
    internal void Set(IEnumerable<KeyValue> items)
    {
        var before = _members;
        _members = items.Aggregate(
            ImmutableDictionary<string, Member>.Empty, (members, item) => With(members, item.Key, item.Value, item.ModRevision));
        Tell(before.Keys.Union(_members.Keys));
    }

    /// <summary>What has changed.</summary>
    internal void Apply(IReadOnlyCollection<StoreChange> changes)
    {
        _members = changes.Aggregate(_members, (members, change) => With(members, change.Key, change.Value, change.ModRevision));
        Tell(changes.Select(change => NameOf(change.Key)));
    }

    private void Tell(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            Changed?.Invoke(name);
        }
    }

    private static string NameOf(string key) => key[ClusterKeys.Nodes.Length..];

    private static ImmutableDictionary<string, Member> With(ImmutableDictionary<string, Member> members, string key, string? value, long revision)
    {
        var name = NameOf(key);
        return value is not null && Member.TryParse(name, value, out var member)
            ? members.SetItem(name, member with { Revision = revision })
            : members.Remove(name);
    }
}
