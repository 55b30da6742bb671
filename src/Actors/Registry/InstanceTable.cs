using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Registry;

/// <summary>What the registry knows of one instance.</summary>
internal sealed class InstanceEntry(ActorRef<InstanceMessage> actor, InstanceInfo info)
{
    public ActorRef<InstanceMessage> Actor => actor;

    /// <summary>The newest that the instance has told; changed by <see cref="InstanceTable.Update"/>.</summary>
    public InstanceInfo Info { get; set; } = info;

    /// <summary>The table's own: where in its list of candidates this one stands.</summary>
    public int Place { get; set; }

    /// <summary>Whether one of the concurrent starts is this instance's.</summary>
    public bool IsStarting { get; set; }

    /// <summary>Whether it was given a spare, whose room is not its own yet, and may have what is left of it.</summary>
    public bool IsTaking { get; set; }
}

/// <summary>The map from instance keys to instances, with an index by token.</summary>
internal sealed class InstanceTable
{
    private readonly Dictionary<InstanceKey, InstanceEntry> _entries = [];

    // In no order, but without a gap, so that looking at all of them is one walk through memory.
    private readonly List<Candidate> _candidates = [];
    private readonly Dictionary<(string Challenge, TokenHash Token), List<InstanceKey>> _byToken = [];

    public int Count => _entries.Count;

    public IReadOnlyCollection<InstanceEntry> Entries => _entries.Values;

    public bool TryGet(InstanceKey key, [NotNullWhen(true)] out InstanceEntry? entry) => _entries.TryGetValue(key, out entry);

    public void Add(InstanceKey key, InstanceEntry entry)
    {
        _entries.Add(key, entry);
        entry.Place = _candidates.Count;
        _candidates.Add(new Candidate(entry.Info));
        var token = (key.Challenge, key.Token);
        if (!_byToken.TryGetValue(token, out var keys))
        {
            _byToken.Add(token, keys = new List<InstanceKey>(1));
        }

        keys.Add(key);
    }

    public void Remove(InstanceKey key)
    {
        if (_entries.Remove(key, out var entry))
        {
            RemoveCandidate(entry.Place);
            var token = (key.Challenge, key.Token);
            var keys = _byToken[token];
            keys.Remove(key);
            if (keys.Count == 0)
            {
                _byToken.Remove(token);
            }
        }
    }

    /// <summary>Notes what an instance has told.</summary>
    public void Update(InstanceEntry entry, InstanceInfo info)
    {
        entry.Info = info;
        _candidates[entry.Place] = new Candidate(info);
    }

    /// <summary>What is known of each instance, as it is now.</summary>
    public ImmutableArray<Candidate> Snapshot() => [.. _candidates];

    /// <summary>The keys of one token's instances of one challenge.</summary>
    public IReadOnlyList<InstanceKey> OfToken(string challenge, TokenHash token)
        => _byToken.TryGetValue((challenge, token), out var keys) ? keys : [];

    // The last one takes its place.
    private void RemoveCandidate(int place)
    {
        var last = _candidates[^1];
        _candidates[place] = last;
        _entries.GetValueOrDefault(last.Instance.Key)?.Place = place;
        _candidates.RemoveAt(_candidates.Count - 1);
    }
}
