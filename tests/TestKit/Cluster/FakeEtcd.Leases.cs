using Instancer.Cluster;

namespace Instancer.TestKit.Cluster;

internal sealed partial class FakeEtcd
{
    private readonly Dictionary<long, FakeLease> _leases = [];
    private long _lastLease = 1000;

    /// <summary>
    /// Every lease has its whole time again, as when another member becomes the leader: it did not count what was left under the one before.
    /// </summary>
    public void ExtendLeases()
    {
        foreach (var lease in _leases.Values)
        {
            lease.Extend();
        }
    }

    internal Lease Grant(TimeSpan ttl)
    {
        var whole = TimeSpan.FromSeconds(Math.Ceiling(ttl.TotalSeconds));
        var granted = new Lease(++_lastLease, whole > ShortestTtl ? whole : ShortestTtl);
        _leases.Add(granted.Id, new FakeLease(granted, time, () => Revoke(granted.Id)));
        return granted;
    }

    internal KeepAlive KeepAlive(long id)
    {
        if (!_leases.TryGetValue(id, out var lease))
        {
            return new KeepAlive(Remaining: null);
        }

        lease.Extend();
        return new KeepAlive(lease.Granted.Ttl);
    }

    internal void Revoke(long id)
    {
        if (_leases.Remove(id, out var lease))
        {
            lease.Dispose();
            List<StoreChange> changes = [];
            Delete([.. _items.Values.Where(item => item.Lease == id)], changes);
            Publish(changes);
        }
    }

    private sealed class FakeLease(Lease granted, TimeProvider time, Action runOut) : IDisposable
    {
        private readonly ITimer _timer = time.CreateTimer(_ => runOut(), null, granted.Ttl, Timeout.InfiniteTimeSpan);

        public Lease Granted => granted;

        public void Extend() => _timer.Change(granted.Ttl, Timeout.InfiniteTimeSpan);

        public void Dispose() => _timer.Dispose();
    }
}
