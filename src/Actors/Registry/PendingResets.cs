using Instancer.Actors.Connections;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Registry;

/// <summary>The connections that wait until every earlier instance of their token is gone.</summary>
internal sealed class PendingResets
{
    private readonly Dictionary<(string Challenge, TokenHash Token), Reset> _resets = [];

    /// <summary>Lets a connection wait until all of <paramref name="awaited"/> are gone, with those of its token that wait already.</summary>
    public void Add(RegistryMessage.Acquire request, IEnumerable<InstanceKey> awaited)
    {
        if (!_resets.TryGetValue(TokenOf(request.Key), out var reset))
        {
            _resets.Add(TokenOf(request.Key), reset = new Reset([]));
        }

        reset.Awaited.UnionWith(awaited);
        reset.Waiting.Add(request);
    }

    /// <summary>Notes that nothing is left of a key; the connections that have nothing to wait for any more.</summary>
    public IReadOnlyList<RegistryMessage.Acquire> NoteGone(InstanceKey key)
    {
        if (!_resets.TryGetValue(TokenOf(key), out var reset) || !reset.Awaited.Remove(key) || reset.Awaited.Count > 0)
        {
            return [];
        }

        _resets.Remove(TokenOf(key));
        return reset.Waiting;
    }

    /// <summary>Forgets a connection that is over.</summary>
    public void Abandon(InstanceKey key, ActorRef<ConnectionMessage> connection)
    {
        if (_resets.TryGetValue(TokenOf(key), out var reset)
            && reset.Waiting.RemoveAll(waiter => ReferenceEquals(waiter.Connection, connection)) > 0
            && reset.Waiting.Count == 0)
        {
            _resets.Remove(TokenOf(key));
        }
    }

    /// <summary>Takes every waiting connection out.</summary>
    public IReadOnlyList<RegistryMessage.Acquire> TakeAll()
    {
        var all = _resets.Values.SelectMany(reset => reset.Waiting).ToList();
        _resets.Clear();
        return all;
    }

    private static (string Challenge, TokenHash Token) TokenOf(InstanceKey key) => (key.Challenge, key.Token);

    private sealed record Reset(HashSet<InstanceKey> Awaited)
    {
        public List<RegistryMessage.Acquire> Waiting { get; } = [];
    }
}
