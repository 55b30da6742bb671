using System.Net;

namespace Instancer.Gate.Addresses;

/// <summary>
/// A set of blocks, immutable: their ranges sorted and merged, found by halving. A lookup takes as many steps as the number of ranges has bits and allocates nothing;
/// a range takes 32 bytes.
/// </summary>
internal sealed class BlockSet
{
    private readonly UInt128[] _firsts;
    private readonly UInt128[] _lasts;

    private BlockSet(UInt128[] firsts, UInt128[] lasts, int count) => (_firsts, _lasts, Count) = (firsts, lasts, count);

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
        return new BlockSet(sortedFirsts[..merged], sortedLasts[..merged], count);

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
        // Before low all ranges begin at the address or before it, from high on after it.
        var (low, high) = (0, _firsts.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_firsts[middle] <= number)
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
