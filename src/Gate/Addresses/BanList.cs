using System.Net;
using Instancer.Gate.Options;
using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Addresses;

/// <summary>The blocks that are banned from all challenges of the node: by themselves (<see cref="FailureBans"/>) and by hand (<see cref="HandBans"/>). Thread-safe.</summary>
internal sealed class BanList
{
    private readonly FailureBans _byFailures;
    private readonly HandBans _byHand;
    private readonly TimeProvider _time;

    private BanList(FailureBans byFailures, HandBans byHand, TimeProvider time) => (_byFailures, _byHand, _time) = (byFailures, byHand, time);

    /// <summary>The list; the bans by hand are those that the file has.</summary>
    /// <param name="path">The file, made with the first ban by hand.</param>
    /// <param name="options">When there is a ban by itself; asked anew each time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where bans by themselves are logged.</param>
    /// <exception cref="IOException">The file is there and cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static BanList Open(string path, Func<BanOptions> options, TimeProvider time, ILogger logger) =>
        new(new FailureBans(options, time, logger), HandBans.Open(path, time, logger), time);

    /// <summary>Whether an address is in a block that is banned now.</summary>
    public bool IsBanned(IPAddress address) => IsBanned(AddressNumber.Of(address));

    /// <summary>Whether the address with this number is.</summary>
    public bool IsBanned(UInt128 number) => _byFailures.IsBanned(number) || _byHand.IsBanned(number);

    /// <summary>Counts a failed preamble, which may lead to a ban.</summary>
    public void NoteFailure(IPAddress address) => _byFailures.NoteFailure(AddressNumber.Of(address));

    /// <summary>The bans of now, by block.</summary>
    public IReadOnlyList<Ban> List() => [.. _byHand.List().Concat(_byFailures.List()).OrderBy(ban => ban.Block.First).ThenBy(ban => ban.Block.Length).ThenBy(ban => ban.Cause)];

    /// <summary>Bans a block by hand, in place of the ban by hand that it may have.</summary>
    /// <param name="block">The block.</param>
    /// <param name="duration">For how long; null for good.</param>
    /// <param name="reason">Why; null if nobody said.</param>
    /// <returns>The ban; null if there are <see cref="HandBans.Most"/> already.</returns>
    /// <exception cref="IOException">It cannot be written down, and does not count.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public Ban? Add(AddressBlock block, TimeSpan? duration, string? reason)
    {
        var now = _time.GetUtcNow();
        var ban = new Ban(block, BanCause.Hand, now, now + duration) { Reason = reason };
        return _byHand.TryAdd(ban) ? ban : null;
    }

    /// <summary>Lifts the bans of exactly this block, and forgets that there were any; false if it has none.</summary>
    /// <exception cref="IOException">It cannot be written down, and a ban by hand stays.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public bool Remove(AddressBlock block) => _byHand.Remove(block) | _byFailures.Remove(block);
}
