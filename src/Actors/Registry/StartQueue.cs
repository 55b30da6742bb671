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

    /// <summary>How many starts of each challenge wait, of those that count.</summary>
    public Dictionary<string, int> CountByChallenge(Func<InstanceKey, bool> counts)
        => _turns.SelectMany(turn => turn.Keys).Where(counts).CountBy(key => key.Challenge).ToDictionary();

    /// <summary>How many starts of one token and challenge wait.</summary>
    public int CountOf(string challenge, TokenHash token)
        => _byToken.TryGetValue(token, out var node) ? node.Value.Keys.Count(key => key.Challenge == challenge) : 0;

    /// <summary>The place of a start, from 1, if all had room and nobody came or went; null if it does not wait.</summary>
    public int? PositionOf(InstanceKey key)
    {
        if (!_byToken.TryGetValue(key.Token, out var own) || own.Value.Keys.IndexOf(key) is not (>= 0 and var before))
        {
            return null;
        }

        // As many rounds as its token has starts before it, and those whose turn comes first in the last one.
        var position = before + 1;
        var isFirst = 1;
        foreach (var turn in _turns)
        {
            if (turn == own.Value)
            {
                isFirst = 0;
            }
            else
            {
                position += Math.Min(turn.Keys.Count, before + isFirst);
            }
        }

        return position;
    }

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
