using System.Diagnostics.CodeAnalysis;
using Instancer.Actors.Instances;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Registry;

/// <summary>What the registry knows of one instance.</summary>
internal sealed class InstanceEntry(ActorRef<InstanceMessage> actor, InstanceInfo info)
{
    public ActorRef<InstanceMessage> Actor => actor;

    /// <summary>The newest that the instance has told.</summary>
    public InstanceInfo Info { get; set; } = info;

    /// <summary>Whether one of the concurrent starts is this instance's.</summary>
    public bool IsStarting { get; set; }
}

/// <summary>The map from instance keys to instances, with an index by token.</summary>
internal sealed class InstanceTable
{
    private readonly Dictionary<InstanceKey, InstanceEntry> _entries = [];
    private readonly Dictionary<(string Challenge, TokenHash Token), List<InstanceKey>> _byToken = [];

    public int Count => _entries.Count;

    public IReadOnlyCollection<InstanceEntry> Entries => _entries.Values;

    public bool TryGet(InstanceKey key, [NotNullWhen(true)] out InstanceEntry? entry) => _entries.TryGetValue(key, out entry);

    public void Add(InstanceKey key, InstanceEntry entry)
    {
        _entries.Add(key, entry);
        var token = (key.Challenge, key.Token);
        if (!_byToken.TryGetValue(token, out var keys))
        {
            _byToken.Add(token, keys = new List<InstanceKey>(1));
        }

        keys.Add(key);
    }

    public void Remove(InstanceKey key)
    {
        if (_entries.Remove(key))
        {
            var token = (key.Challenge, key.Token);
            var keys = _byToken[token];
            keys.Remove(key);
            if (keys.Count == 0)
            {
                _byToken.Remove(token);
            }
        }
    }

    /// <summary>What is known of each instance, as it is now.</summary>
    public InstanceInfo[] Snapshot()
    {
        var infos = new InstanceInfo[_entries.Count];
        var next = 0;
        foreach (var entry in _entries.Values)
        {
            infos[next++] = entry.Info;
        }

        return infos;
    }

    /// <summary>The keys of one token's instances of one challenge.</summary>
    public IReadOnlyList<InstanceKey> OfToken(string challenge, TokenHash token)
        => _byToken.TryGetValue((challenge, token), out var keys) ? keys : [];
}
