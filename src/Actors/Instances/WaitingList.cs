using Instancer.Actors.Connections;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Instances;

/// <summary>The connections that wait for one instance, in the order they came.</summary>
internal sealed class WaitingList
{
    private readonly List<(RegistryMessage.Acquire Request, TimeSpan Since)> _waiting = [];

    public int Count => _waiting.Count;

    /// <summary>Whether one of them is to be served here, if nobody owns the key.</summary>
    public bool StaysHere => _waiting.Exists(waiter => waiter.Request.StaysHere);

    /// <summary>Since when the first has waited; null if nobody waits.</summary>
    public TimeSpan? OldestSince => _waiting.Count == 0 ? null : _waiting[0].Since;

    public void Add(RegistryMessage.Acquire request, TimeSpan now) => _waiting.Add((request, now));

    public bool Remove(ActorRef<ConnectionMessage> connection)
        => _waiting.RemoveAll(waiter => ReferenceEquals(waiter.Request.Connection, connection)) > 0;

    /// <summary>Takes all out.</summary>
    public IReadOnlyList<RegistryMessage.Acquire> TakeAll() => Take(_ => true);

    /// <summary>Takes those out who have waited since <paramref name="since"/> or longer.</summary>
    public IReadOnlyList<RegistryMessage.Acquire> TakeSince(TimeSpan since) => Take(waiter => waiter.Since <= since);

    private List<RegistryMessage.Acquire> Take(Predicate<(RegistryMessage.Acquire Request, TimeSpan Since)> which)
    {
        var taken = _waiting.FindAll(which).ConvertAll(waiter => waiter.Request);
        _waiting.RemoveAll(which);
        return taken;
    }
}
