using System.Net;

namespace Instancer.Gate.Addresses;

/// <summary>
/// A set of blocks, immutable: their ranges sorted and merged, found by halving. A lookup takes as many steps as the number of ranges has bits and allocates nothing;
/// a range takes 32 bytes.
/// </summary>
internal sealed class BlockSet
{
    // The halves of where the ranges begin: comparing them is several times faster than comparing UInt128.
    private readonly ulong[] _highs;
    private readonly ulong[] _lows;
    private readonly UInt128[] _lasts;

    private BlockSet(ReadOnlySpan<UInt128> firsts, ReadOnlySpan<UInt128> lasts, int count)
    {
        (_highs, _lows, _lasts, Count) = (new ulong[firsts.Length], new ulong[firsts.Length], lasts.ToArray(), count);
        for (var i = 0; i < firsts.Length; i++)
        {
            (_highs[i], _lows[i]) = ((ulong)(firsts[i] >> 64), (ulong)firsts[i]);
        }
    }

    /// <summary>The set with nothing in it.</summary>
    public static BlockSet Empty { get; } = new([], [], 0);

    /// <summary>How many blocks it was made of.</summary>
    public int Count { get; }

    /// <summary>The set of the blocks, which may overlap and be in any order.</summary>
    public static BlockSet Of(IEnumerable<AddressBlock> blocks)
    {
        var count = 0;
        var (firsts, lasts) = (new List<UInt128>(), new List<UInt128>());
        foreach (var block in blocks)
        {
            count++;
            if (block.IsIPv4)
            {
                Add(block.First, block.Last);
            }
            else
            {
                // Around what IPv4 is mapped to, should it be inside.
                Add(block.First, UInt128.Min(block.Last, AddressNumber.FirstIPv4 - 1));
                Add(UInt128.Max(block.First, AddressNumber.LastIPv4 + 1), block.Last);
            }
        }

        var (sortedFirsts, sortedLasts) = (firsts.ToArray(), lasts.ToArray());
        Array.Sort(sortedFirsts, sortedLasts);
        var merged = Merge(sortedFirsts, sortedLasts);
        return new BlockSet(sortedFirsts.AsSpan(0, merged), sortedLasts.AsSpan(0, merged), count);

        void Add(UInt128 first, UInt128 last)
        {
            if (first <= last)
            {
                firsts.Add(first);
                lasts.Add(last);
            }
        }
    }

    /// <summary>Whether an address is in one of the blocks.</summary>
    public bool Contains(IPAddress address) => Contains(AddressNumber.Of(address));

    /// <summary>Whether the address with this number is.</summary>
    public bool Contains(UInt128 number)
    {
        var (numberHigh, numberLow) = ((ulong)(number >> 64), (ulong)number);
        var (highs, lows) = (_highs, _lows);

        // Before low all ranges begin at the address or before it, from high on after it.
        var (low, high) = (0, highs.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (highs[middle] < numberHigh || (highs[middle] == numberHigh && lows[middle] <= numberLow))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low > 0 && number <= _lasts[low - 1];
    }

    /// <summary>Makes one of what overlaps or touches, in place; how many ranges are left.</summary>
    private static int Merge(UInt128[] firsts, UInt128[] lasts)
    {
        var merged = 0;
        for (var i = 0; i < firsts.Length; i++)
        {
            if (merged > 0 && (firsts[i] <= lasts[merged - 1] || firsts[i] == lasts[merged - 1] + 1))
            {
                lasts[merged - 1] = UInt128.Max(lasts[merged - 1], lasts[i]);
            }
            else
            {
                (firsts[merged], lasts[merged]) = (firsts[i], lasts[i]);
                merged++;
            }
        }

        return merged;
    }
}
