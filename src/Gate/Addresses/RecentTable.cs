using System.Diagnostics.CodeAnalysis;

namespace Instancer.Gate.Addresses;

/// <summary>What is known about some blocks, by their first address; about no more than so many: what was put longest ago is forgotten first. Not thread-safe.</summary>
/// <param name="capacity">How many at most.</param>
internal sealed class RecentTable<TValue>(int capacity)
    where TValue : class
{
    private readonly Dictionary<UInt128, LinkedListNode<(UInt128 Key, TValue Value)>> _nodes = [];
    private readonly LinkedList<(UInt128 Key, TValue Value)> _byAge = [];

    /// <summary>How many there are.</summary>
    public int Count => _nodes.Count;

    /// <summary>All, the one that was put longest ago first.</summary>
    public IEnumerable<(UInt128 Key, TValue Value)> All => _byAge;

    /// <summary>What is known about a block.</summary>
    public bool TryGet(UInt128 key, [NotNullWhen(true)] out TValue? value)
    {
        value = _nodes.TryGetValue(key, out var node) ? node.Value.Value : null;
        return value is not null;
    }

    /// <summary>Puts what is known now.</summary>
    public void Put(UInt128 key, TValue value)
    {
        Remove(key);
        if (_nodes.Count == capacity)
        {
            Remove(_byAge.First!.Value.Key);
        }

        _nodes.Add(key, _byAge.AddLast((key, value)));
    }

    /// <summary>Forgets a block; false if nothing was known.</summary>
    public bool Remove(UInt128 key)
    {
        if (!_nodes.Remove(key, out var node))
        {
            return false;
        }

        _byAge.Remove(node);
        return true;
    }

    /// <summary>Forgets those that were put longest ago while they are such.</summary>
    public void RemoveOldestWhile(Predicate<TValue> isSuch)
    {
        while (_byAge.First is { } oldest && isSuch(oldest.Value.Value))
        {
            Remove(oldest.Value.Key);
        }
    }
}
