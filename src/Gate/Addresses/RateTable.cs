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

    /// <summary>What is kept of somebody; null for nothing.</summary>
    public Entry? Find(UInt128 key) => _entries.GetValueOrDefault(key);

    /// <summary>What stands in the way of one more connection of somebody of whom this is kept.</summary>
    public static RateOutcome Check(Entry? entry, RateLimits limits, TimeSpan now)
    {
        if ((entry?.Open ?? 0) >= limits.AtOnce)
        {
            return RateOutcome.TooMany;
        }

        if (limits.PerSecond is not { } perSecond || entry is null)
        {
            return RateOutcome.Passes;
        }

        // A bucket of other limits than these may have been emptier than one of these can be.
        var interval = Interval(perSecond);
        var burst = interval * (limits.Burst ?? perSecond);
        entry.FullAt = entry.FullAt < now + burst ? entry.FullAt : now + burst;
        return FullAtAfterOneMore(entry, interval, now) - now > burst ? RateOutcome.TooOften : RateOutcome.Passes;
    }

    /// <summary>Counts one more connection, which passes.</summary>
    public void Enter(UInt128 key, Entry? entry, RateLimits limits, TimeSpan now)
    {
        entry ??= Add(key);
        if (limits.PerSecond is { } perSecond)
        {
            entry.FullAt = FullAtAfterOneMore(entry, Interval(perSecond), now);
        }

        SetOpen(entry, entry.Open + 1, now);
    }

    /// <summary>Counts connections that are open already and took nothing of this bucket.</summary>
    public void Take(UInt128 key, int open) => (Find(key) ?? Add(key)).Open += open;

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

    private static TimeSpan FullAtAfterOneMore(Entry entry, TimeSpan interval, TimeSpan now) => (entry.FullAt < now ? now : entry.FullAt) + interval;

    private Entry Add(UInt128 key)
    {
        var entry = new Entry(key);
        _entries.Add(key, entry);
        return entry;
    }

    private void SetOpen(Entry entry, int open, TimeSpan now)
    {
        entry.Open = open;
        if (entry.Idle is { } node)
        {
            _idle.Remove(node);
            entry.Idle = null;
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

        entry.Idle = _idle.AddLast(entry);
    }

    private void Forget(Entry entry)
    {
        _idle.Remove(entry.Idle!);
        _entries.Remove(entry.Key);
    }

    /// <summary>What is kept of one address or block.</summary>
    /// <param name="key">Which.</param>
    internal sealed class Entry(UInt128 key)
    {
        /// <summary>Which.</summary>
        public UInt128 Key { get; } = key;

        /// <summary>How many connections are open.</summary>
        public int Open { get; set; }

        /// <summary>When the bucket is full again.</summary>
        public TimeSpan FullAt { get; set; }

        /// <summary>Its place among those that have none open; null if it has.</summary>
        public LinkedListNode<Entry>? Idle { get; set; }
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
