using System.Diagnostics.CodeAnalysis;

namespace Instancer.Actors.Registry;

/// <summary>
/// The starts that wait for their turn and for room: bounded, first come first served for one token, and in turn between
/// tokens, so that a client that asks for a hundred instances does not stand before one that asks for its first.
/// </summary>
internal sealed class StartQueue(int length)
{
    // The tokens in their turn; each with its own starts in the order they came.
    private readonly LinkedList<Turn> _turns = new();
    private readonly Dictionary<TokenHash, LinkedListNode<Turn>> _byToken = [];

    /// <summary>How many starts wait.</summary>
    public int Count { get; private set; }

    /// <summary>How many starts of each challenge wait.</summary>
    public Dictionary<string, int> CountByChallenge()
        => _turns.SelectMany(turn => turn.Keys).CountBy(key => key.Challenge).ToDictionary();

    /// <summary>Whether <paramref name="key"/> waits.</summary>
    public bool Contains(InstanceKey key) => _byToken.TryGetValue(key.Token, out var node) && node.Value.Keys.Contains(key);

    /// <summary>Puts a start at the end; false if the queue is full. One that waits already stays where it is.</summary>
    public bool TryEnqueue(InstanceKey key)
    {
        if (Contains(key))
        {
            return true;
        }

        if (Count >= length)
        {
            return false;
        }

        if (!_byToken.TryGetValue(key.Token, out var node))
        {
            node = _turns.AddLast(new Turn(key.Token));
            _byToken.Add(key.Token, node);
        }

        node.Value.Keys.Add(key);
        Count++;
        return true;
    }

    /// <summary>Takes a start out, wherever it stands.</summary>
    public void Remove(InstanceKey key)
    {
        if (_byToken.TryGetValue(key.Token, out var node) && node.Value.Keys.Remove(key))
        {
            Count--;
            DropIfEmpty(node);
        }
    }

    /// <summary>
    /// Takes out the start whose turn it is among those that <paramref name="hasRoom"/>. Its token goes to the end of the turns; tokens
    /// that were passed over for want of room keep theirs.
    /// </summary>
    public bool TryDequeue(Func<InstanceKey, bool> hasRoom, [MaybeNullWhen(false)] out InstanceKey key)
    {
        for (var node = _turns.First; node is not null; node = node.Next)
        {
            var keys = node.Value.Keys;
            var index = keys.FindIndex(candidate => hasRoom(candidate));
            if (index >= 0)
            {
                key = keys[index];
                keys.RemoveAt(index);
                Count--;
                _turns.Remove(node);
                _turns.AddLast(node);
                DropIfEmpty(node);
                return true;
            }
        }

        key = default;
        return false;
    }

    private void DropIfEmpty(LinkedListNode<Turn> node)
    {
        if (node.Value.Keys.Count == 0)
        {
            _turns.Remove(node);
            _byToken.Remove(node.Value.Token);
        }
    }

    private sealed record Turn(TokenHash Token)
    {
        public List<InstanceKey> Keys { get; } = [];
    }
}
