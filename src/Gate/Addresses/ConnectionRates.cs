using Instancer.Gate.Options;

namespace Instancer.Gate.Addresses;

/// <summary>
/// How often addresses and their blocks connect to one challenge, and how many connections they have open. An address' open ones are counted even where nothing is
/// limited, so that a limit that is set while the node runs counts for those who are connected. Thread-safe.
/// </summary>
/// <remarks>
/// Not a <c>PartitionedRateLimiter</c>: it takes its time from no <see cref="TimeProvider"/>, keeps as many partitions as strangers have addresses until they have been
/// idle for a while, and new limits would be new limiters, which know nothing of who is connected.
/// </remarks>
/// <param name="options">The limits; asked anew each time.</param>
/// <param name="time">The clock.</param>
internal sealed class ConnectionRates(Func<RateOptions> options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly long _start = time.GetTimestamp();
    private readonly RateTable _addresses = new();

    // Null while blocks are not limited.
    private RateTable? _blocks;
    private (int IPv4, int IPv6) _prefixes;

    /// <summary>How many addresses and blocks something is kept of.</summary>
    public int Kept
    {
        get
        {
            lock (_lock)
            {
                return _addresses.Count + (_blocks?.Count ?? 0);
            }
        }
    }

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Counts one more connection of an address, unless something stands in its way; null if nothing does. One that is refused costs nothing.</summary>
    public AddressRefusal? TryEnter(UInt128 address)
    {
        var current = options();
        lock (_lock)
        {
            Follow(current);
            var now = Now;
            var entry = _addresses.Find(address);
            var refusal = RateTable.Check(entry, current.PerAddress, now) switch
            {
                RateOutcome.TooMany => AddressRefusal.AddressAtOnce,
                RateOutcome.TooOften => AddressRefusal.AddressRate,
                _ => TryEnterBlock(address, current.PerBlock, now),
            };
            if (refusal is null)
            {
                _addresses.Enter(address, entry, current.PerAddress, now);
            }

            return refusal;
        }
    }

    /// <summary>Counts one less, which entered.</summary>
    public void Leave(UInt128 address)
    {
        lock (_lock)
        {
            var now = Now;
            _addresses.Leave(address, now);
            _blocks?.Leave(BlockOf(address), now);
        }
    }

    /// <summary>Forgets what is not needed any more. Called every now and then; in between, what is kept is bounded.</summary>
    public void Sweep()
    {
        lock (_lock)
        {
            var now = Now;
            _addresses.Sweep(now);
            _blocks?.Sweep(now);
        }
    }

    private UInt128 BlockOf(UInt128 address) => AddressBlock.Around(address, _prefixes.IPv4, _prefixes.IPv6).First;

    private AddressRefusal? TryEnterBlock(UInt128 address, RateLimits limits, TimeSpan now)
    {
        if (_blocks is null)
        {
            return null;
        }

        var block = BlockOf(address);
        var entry = _blocks.Find(block);
        switch (RateTable.Check(entry, limits, now))
        {
            case RateOutcome.TooMany:
                return AddressRefusal.BlockAtOnce;
            case RateOutcome.TooOften:
                return AddressRefusal.BlockRate;
            default:
                _blocks.Enter(block, entry, limits, now);
                return null;
        }
    }

    // Of blocks that were not limited, or were others, only what is open is known; their buckets begin full.
    private void Follow(RateOptions current)
    {
        if (!current.PerBlock.IsOn)
        {
            _blocks = null;
            return;
        }

        if (_blocks is not null && _prefixes == (current.IPv4Prefix, current.IPv6Prefix))
        {
            return;
        }

        _prefixes = (current.IPv4Prefix, current.IPv6Prefix);
        _blocks = new RateTable();
        foreach (var (address, open) in _addresses.Open)
        {
            _blocks.Take(BlockOf(address), open);
        }
    }
}
