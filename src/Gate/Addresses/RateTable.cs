using Instancer.Gate.Options;

namespace Instancer.Gate.Addresses;

/// <summary>
/// The connections of addresses, or of blocks: how many are open, and a token bucket each. Kept is who has one open or a bucket that is not full again; of the latter
/// at most <see cref="MostIdle"/>, the one that is idle for longest forgotten first. Not thread-safe.
/// </summary>
/// <remarks>
/// A bucket is one number, the time at which it is full again if nobody takes anything: a token taken moves it back by what a token needs to come, and the bucket is
/// empty where it is a whole burst away (the generic cell rate algorithm, ITU-T I.371). So nothing has to be filled, and nothing rounds.
/// </remarks>
internal sealed class RateTable
{
    /// <summary>How many without a connection are kept: about 200 bytes each, 3 MB in all.</summary>
    public const int MostIdle = 16_384;

    private readonly Dictionary<UInt128, Entry> _entries = [];
    private readonly LinkedList<Entry> _idle = [];

    /// <summary>How many are kept.</summary>
    public int Count => _entries.Count;

    /// <summary>Those that have connections open, and how many.</summary>
    public IEnumerable<(UInt128 Key, int Open)> Open => _entries.Values.Where(entry => entry.Open > 0).Select(entry => (entry.Key, entry.Open));

    /// <summary>What stands in the way of one more connection.</summary>
    public RateOutcome Check(UInt128 key, RateLimits limits, TimeSpan now)
    {
        var entry = _entries.GetValueOrDefault(key);
        return (entry?.Open ?? 0) >= limits.AtOnce ? RateOutcome.TooMany
            : limits.PerSecond is { } perSecond && FullAtAfterOneMore(entry, limits, perSecond, now) - now > Burst(limits, perSecond) ? RateOutcome.TooOften
            : RateOutcome.Passes;
    }

    /// <summary>Counts one more connection, which passes.</summary>
    public void Enter(UInt128 key, RateLimits limits, TimeSpan now)
    {
        var entry = GetOrAdd(key);
        if (limits.PerSecond is { } perSecond)
        {
            entry.FullAt = FullAtAfterOneMore(entry, limits, perSecond, now);
        }

        SetOpen(entry, entry.Open + 1, now);
    }

    /// <summary>Counts connections that are open already and took nothing of this bucket.</summary>
    public void Take(UInt128 key, int open) => GetOrAdd(key).Open += open;

    /// <summary>Counts one less.</summary>
    public void Leave(UInt128 key, TimeSpan now)
    {
        var entry = _entries[key];
        SetOpen(entry, entry.Open - 1, now);
    }

    /// <summary>Forgets whose bucket is full again and who has nothing open.</summary>
    public void Sweep(TimeSpan now)
    {
        for (var node = _idle.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.FullAt <= now)
            {
                Forget(node.Value);
            }

            node = next;
        }
    }

    private static TimeSpan Interval(int perSecond) => TimeSpan.FromTicks(TimeSpan.TicksPerSecond / perSecond);

    private static TimeSpan Burst(RateLimits limits, int perSecond) => Interval(perSecond) * (limits.Burst ?? perSecond);

    // A bucket of other limits than these may have been emptier than one of these can be.
    private static TimeSpan FullAtAfterOneMore(Entry? entry, RateLimits limits, int perSecond, TimeSpan now)
    {
        var latest = now + Burst(limits, perSecond);
        var fullAt = entry is null || entry.FullAt < now ? now : entry.FullAt > latest ? latest : entry.FullAt;
        return fullAt + Interval(perSecond);
    }

    private Entry GetOrAdd(UInt128 key)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            entry = new Entry(key);
            _entries.Add(key, entry);
        }

        return entry;
    }

    private void SetOpen(Entry entry, int open, TimeSpan now)
    {
        entry.Open = open;
        if (entry.Idle.List is not null)
        {
            _idle.Remove(entry.Idle);
        }

        if (open > 0)
        {
            return;
        }

        if (entry.FullAt <= now)
        {
            _entries.Remove(entry.Key);
            return;
        }

        if (_idle.Count == MostIdle)
        {
            Forget(_idle.First!.Value);
        }

        _idle.AddLast(entry.Idle);
    }

    private void Forget(Entry entry)
    {
        _idle.Remove(entry.Idle);
        _entries.Remove(entry.Key);
    }

    private sealed class Entry
    {
        public Entry(UInt128 key) => (Key, Idle) = (key, new LinkedListNode<Entry>(this));

        public UInt128 Key { get; }

        public LinkedListNode<Entry> Idle { get; }

        public int Open { get; set; }

        public TimeSpan FullAt { get; set; }
    }
}

/// <summary>What limits say to one more connection.</summary>
internal enum RateOutcome
{
    /// <summary>It may come.</summary>
    Passes,

    /// <summary>The bucket is empty.</summary>
    TooOften,

    /// <summary>Too many are open.</summary>
    TooMany,
}
