using Instancer.Actors.Runtime;

namespace Instancer.Actors.Registry;

/// <summary>
/// The ports that instances may get. Leased by key, so that a lease cannot be returned twice or by somebody else. A port that
/// turned out to be somebody else's rests for a while before it is tried again.
/// </summary>
internal sealed class PortPool(PortRange range, TimeProvider time)
{
    /// <summary>How long a port rests that somebody outside of the pool was found on.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    private readonly Queue<int> _free = new(Enumerable.Range(range.First, range.Count));
    private readonly Queue<(int Port, TimeSpan Until)> _resting = new();
    private readonly Dictionary<InstanceKey, int> _leases = [];

    /// <summary>How many ports could be leased now.</summary>
    public int Free
    {
        get
        {
            Wake();
            return _free.Count;
        }
    }

    /// <summary>The ports that are leased.</summary>
    public IReadOnlyDictionary<InstanceKey, int> Leases => _leases;

    /// <summary>Leases the port that has been free for longest, or none if none is free.</summary>
    /// <exception cref="InvalidOperationException">The key has one already.</exception>
    public int? Lease(InstanceKey key)
    {
        Wake();
        if (_leases.ContainsKey(key))
        {
            throw new InvalidOperationException($"{key} has a port already.");
        }

        if (!_free.TryDequeue(out var port))
        {
            return null;
        }

        _leases.Add(key, port);
        return port;
    }

    /// <summary>Notes that an adopted backend of <paramref name="key"/> has <paramref name="port"/>; false if it is another's or not in the range.</summary>
    public bool Occupy(InstanceKey key, int port)
    {
        if (_leases.TryGetValue(key, out var held))
        {
            return held == port;
        }

        Wake();
        if (!_free.Contains(port))
        {
            return false;
        }

        for (var left = _free.Count; left > 0; left--)
        {
            var candidate = _free.Dequeue();
            if (candidate != port)
            {
                _free.Enqueue(candidate);
            }
        }

        _leases.Add(key, port);
        return true;
    }

    /// <summary>The lease of one key, if it has one, is another's from now on, which has none.</summary>
    public void Move(InstanceKey from, InstanceKey to)
    {
        if (_leases.Remove(from, out var port))
        {
            _leases.Add(to, port);
        }
    }

    /// <summary>Takes the key's lease back, if it has one.</summary>
    /// <param name="key">The key that had it.</param>
    /// <param name="taken">Whether somebody else was found on the port.</param>
    public void Return(InstanceKey key, bool taken = false)
    {
        if (!_leases.Remove(key, out var port))
        {
            return;
        }

        if (taken)
        {
            _resting.Enqueue((port, time.Uptime() + Rest));
        }
        else
        {
            _free.Enqueue(port);
        }
    }

    private void Wake()
    {
        while (_resting.TryPeek(out var first) && first.Until <= time.Uptime())
        {
            _free.Enqueue(_resting.Dequeue().Port);
        }
    }
}
