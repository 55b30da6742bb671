using Instancer.Actors.Connections;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Instances;

/// <summary>The connections that wait for one instance, in the order they came.</summary>
internal sealed class WaitingList
{
    private readonly List<Waiter> _waiting = [];

    // How many of them have not been told what is known of their start.
    private int _untold;

    public int Count => _waiting.Count;

    /// <summary>Whether one of them is to be served here, if nobody owns the key.</summary>
    public bool StaysHere => _waiting.Exists(waiter => waiter.Request.StaysHere);

    /// <summary>Since when the first has waited; null if nobody waits.</summary>
    public TimeSpan? OldestSince => _waiting.Count == 0 ? null : _waiting[0].Since;

    public void Add(RegistryMessage.Acquire request, TimeSpan now)
    {
        _waiting.Add(new Waiter(request, now));
        _untold++;
    }

    public bool Remove(ActorRef<ConnectionMessage> connection)
        => Take(waiter => ReferenceEquals(waiter.Request.Connection, connection)).Count > 0;

    /// <summary>The connections that have not been taken out by this before; they go on waiting.</summary>
    public IReadOnlyList<ActorRef<ConnectionMessage>> TakeUntold()
    {
        if (_untold == 0)
        {
            return [];
        }

        var untold = _waiting.FindAll(waiter => !waiter.IsTold);
        untold.ForEach(waiter => waiter.IsTold = true);
        _untold = 0;
        return untold.ConvertAll(waiter => waiter.Request.Connection);
    }

    /// <summary>Takes all out.</summary>
    public IReadOnlyList<RegistryMessage.Acquire> TakeAll() => Take(_ => true);

    /// <summary>Takes those out who have waited since <paramref name="since"/> or longer.</summary>
    public IReadOnlyList<RegistryMessage.Acquire> TakeSince(TimeSpan since) => Take(waiter => waiter.Since <= since);

    private List<RegistryMessage.Acquire> Take(Predicate<Waiter> which)
    {
        var taken = _waiting.FindAll(which);
        _waiting.RemoveAll(which);
        _untold -= taken.Count(waiter => !waiter.IsTold);
        return taken.ConvertAll(waiter => waiter.Request);
    }

    private sealed class Waiter(RegistryMessage.Acquire request, TimeSpan since)
    {
        public RegistryMessage.Acquire Request => request;

        public TimeSpan Since => since;

        public bool IsTold { get; set; }
    }
}
