using Instancer.Actors;

namespace Instancer.Gate.Tokens;

/// <summary>Whose answer it is: a token's, for a challenge.</summary>
/// <param name="Token">The token's hash.</param>
/// <param name="Challenge">The challenge.</param>
internal readonly record struct AnswerKey(TokenHash Token, string Challenge);

/// <summary>A bounded number of answers, the oldest first out. Not for use by two at once.</summary>
/// <param name="size">How many.</param>
/// <param name="freshFor">How long an answer is fresh.</param>
/// <param name="time">The clock of that.</param>
internal sealed class AnswerCache<T>(int size, TimeSpan freshFor, TimeProvider time)
{
    private readonly Dictionary<AnswerKey, LinkedListNode<(AnswerKey Key, T Answer, long At)>> _byKey = [];
    private readonly LinkedList<(AnswerKey Key, T Answer, long At)> _oldestFirst = [];

    /// <summary>How many answers there are.</summary>
    public int Count => _byKey.Count;

    /// <summary>An answer, however old; the default if there is none.</summary>
    public T? Any(AnswerKey key) => _byKey.TryGetValue(key, out var node) ? node.Value.Answer : default;

    /// <summary>An answer, if it is fresh.</summary>
    public bool TryGetFresh(AnswerKey key, out T? answer)
    {
        var isFresh = _byKey.TryGetValue(key, out var node) && time.GetElapsedTime(node.Value.At) < freshFor;
        answer = isFresh ? node!.Value.Answer : default;
        return isFresh;
    }

    /// <summary>Puts an answer in place of whatever was there.</summary>
    public void Put(AnswerKey key, T answer)
    {
        Remove(key);
        _byKey.Add(key, _oldestFirst.AddLast((key, answer, time.GetTimestamp())));
        while (_byKey.Count > size)
        {
            Remove(_oldestFirst.First!.Value.Key);
        }
    }

    /// <summary>Takes an answer out, if there is one.</summary>
    public void Remove(AnswerKey key)
    {
        if (_byKey.Remove(key, out var node))
        {
            _oldestFirst.Remove(node);
        }
    }
}
