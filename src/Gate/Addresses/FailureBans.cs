using Instancer.Gate.Options;
using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Addresses;

/// <summary>
/// The bans that come by themselves: of an IPv4 address or an IPv6 /64, after too many failed preambles, each twice as long as the one before. Forgotten when the node
/// ends. Kept are at most <see cref="MostSuspects"/> blocks that failed within the window and <see cref="MostOffenders"/> that are or were banned, the oldest forgotten
/// first: about 200 bytes each, 26 MB at worst. Those who fail once each, from however many addresses, make no ban forgotten.
/// </summary>
/// <param name="options">The options; asked anew each time.</param>
/// <param name="time">The clock. It is the one that nobody sets: a step of the wall clock ends no ban.</param>
/// <param name="logger">Where a ban is logged.</param>
internal sealed class FailureBans(Func<BanOptions> options, TimeProvider time, ILogger logger)
{
    /// <summary>How many blocks failed preambles are counted of.</summary>
    public const int MostSuspects = 65_536;

    /// <summary>How many bans are kept, those included that are over and only remembered.</summary>
    public const int MostOffenders = 65_536;

    private const int PrefixOfIPv4 = 32;
    private const int PrefixOfIPv6 = 64;

    private readonly Lock _lock = new();
    private readonly RecentTable<FailureWindow> _suspects = new(MostSuspects);
    private readonly RecentTable<Offence> _offences = new(MostOffenders);
    private readonly long _start = time.GetTimestamp();

    /// <summary>How many blocks something is kept of.</summary>
    public int Kept
    {
        get
        {
            lock (_lock)
            {
                ForgetTheOld(Now, options());
                return _suspects.Count + _offences.Count;
            }
        }
    }

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Whether an address is in a block that is banned now.</summary>
    public bool IsBanned(UInt128 number)
    {
        lock (_lock)
        {
            return _offences.Count > 0 && _offences.TryGet(BlockOf(number).First, out var offence) && Now < offence.Until;
        }
    }

    /// <summary>Counts a failed preamble. Those of connections that were open already when the ban began are not counted.</summary>
    public void NoteFailure(UInt128 number)
    {
        var current = options();
        if (current.Failures is not { } most)
        {
            return;
        }

        var block = BlockOf(number);
        int failures;
        Offence offence;
        lock (_lock)
        {
            var now = Now;
            ForgetTheOld(now, current);
            var before = _offences.TryGet(block.First, out var known) && !IsForgotten(known, now, current) ? known : null;
            if (now < before?.Until)
            {
                return;
            }

            var window = _suspects.TryGet(block.First, out var suspect) ? suspect : new FailureWindow();
            failures = window.Add(now, current.Window);
            if (failures < most)
            {
                _suspects.Put(block.First, window);
                return;
            }

            _suspects.Remove(block.First);
            var times = (before?.Times ?? 0) + 1;
            offence = new Offence(block, now, now + LengthOf(times, current), time.GetUtcNow(), times);
            _offences.Put(block.First, offence);
        }

        AddressesLog.Banned(logger, block, offence.Until - offence.Since, failures, offence.Times);
    }

    /// <summary>The bans of now.</summary>
    public IReadOnlyList<Ban> List()
    {
        lock (_lock)
        {
            var now = Now;
            ForgetTheOld(now, options());
            return [.. _offences.All.Select(offence => offence.Value).Where(offence => now < offence.Until).Select(offence =>
                new Ban(offence.Block, BanCause.Failures, offence.SinceOnTheWall, time.GetUtcNow() + (offence.Until - now)) { Times = offence.Times })];
        }
    }

    /// <summary>Ends the ban of a block and forgets that there was one; false if it is not banned.</summary>
    public bool Remove(AddressBlock block)
    {
        lock (_lock)
        {
            return _offences.TryGet(block.First, out var offence) && offence.Block == block && Now < offence.Until && _offences.Remove(block.First);
        }
    }

    private static AddressBlock BlockOf(UInt128 number) => AddressBlock.Around(number, PrefixOfIPv4, PrefixOfIPv6);

    private static TimeSpan LengthOf(int times, BanOptions options) =>
        TimeSpan.FromTicks((long)Math.Min(options.Duration.Ticks * Math.Pow(2, times - 1), options.Longest.Ticks));

    private static bool IsForgotten(Offence offence, TimeSpan now, BanOptions options) => now >= offence.Until + options.Longest;

    private void ForgetTheOld(TimeSpan now, BanOptions current)
    {
        // Nine eighths of it, for FailureWindow.
        _suspects.RemoveOldestWhile(suspect => now - suspect.Latest > current.Window + (current.Window / 8));
        _offences.RemoveOldestWhile(offence => IsForgotten(offence, now, current));
    }

    private sealed record Offence(AddressBlock Block, TimeSpan Since, TimeSpan Until, DateTimeOffset SinceOnTheWall, int Times);
}
