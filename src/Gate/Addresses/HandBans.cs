using System.Text.Json;
using System.Text.Json.Serialization;
using Instancer.Gate.Files;
using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Addresses;

/// <summary>
/// The bans by hand: any blocks, until a time or for good. They are in a file, which is replaced as a whole before a change counts, and so outlast the node. At most
/// <see cref="Most"/>, because an operator's ban is not to be forgotten for another's sake: past it one has to be removed first.
/// </summary>
internal sealed class HandBans
{
    /// <summary>How many there may be.</summary>
    public const int Most = 10_000;

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Lock _changing = new();

    private volatile Standing _standing;

    private HandBans(string path, TimeProvider time, IEnumerable<Ban> bans)
    {
        (_path, _time) = (path, time);
        _standing = Standing.Of(bans);
    }

    /// <summary>The bans of the file. One that cannot be read is put aside, because the next change would overwrite it, and logged.</summary>
    /// <exception cref="IOException">The file is there and cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static HandBans Open(string path, TimeProvider time, ILogger logger)
    {
        if (!File.Exists(path))
        {
            return new HandBans(path, time, []);
        }

        try
        {
            var records = JsonSerializer.Deserialize(File.ReadAllBytes(path), BansJson.Default.IReadOnlyListHandBanRecord) ?? [];
            return new HandBans(path, time, records.Select(record => record?.ToBan() ?? throw new FormatException("one of its bans is null")));
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            var aside = path + ".bad";
            File.Move(path, aside, overwrite: true);
            AddressesLog.BansUnreadable(logger, path, e.Message.ReplaceLineEndings(" "), aside);
            return new HandBans(path, time, []);
        }
    }

    /// <summary>Whether an address is in a block that is banned now.</summary>
    public bool IsBanned(UInt128 number) => Current().Blocks.Contains(number);

    /// <summary>The bans of now.</summary>
    public IReadOnlyList<Ban> List() => Current().Bans;

    /// <summary>Bans a block, in place of the ban by hand that it may have; false if there are too many.</summary>
    /// <exception cref="IOException">It cannot be written, and does not count.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public bool TryAdd(Ban ban)
    {
        lock (_changing)
        {
            var others = Current().Bans.Where(other => other.Block != ban.Block).ToList();
            if (others.Count >= Most)
            {
                return false;
            }

            Change([.. others, ban]);
            return true;
        }
    }

    /// <summary>Lifts the ban of exactly this block; false if there is none.</summary>
    /// <exception cref="IOException">It cannot be written, and the ban stays.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public bool Remove(AddressBlock block)
    {
        lock (_changing)
        {
            var bans = Current().Bans;
            var others = bans.Where(other => other.Block != block).ToList();
            if (others.Count == bans.Count)
            {
                return false;
            }

            Change(others);
            return true;
        }
    }

    private void Change(IReadOnlyList<Ban> bans)
    {
        SecretFile.Replace(_path, JsonSerializer.SerializeToUtf8Bytes([.. bans.Select(HandBanRecord.Of)], BansJson.Default.IReadOnlyListHandBanRecord));
        _standing = Standing.Of(bans);
    }

    // Who looks first after one has ended leaves it out. In the file it is until the next change; read again, it has ended.
    private Standing Current()
    {
        var standing = _standing;
        if (standing.FirstEnd == DateTimeOffset.MaxValue || _time.GetUtcNow() is var now && now < standing.FirstEnd)
        {
            return standing;
        }

        var rest = Standing.Of(standing.Bans.Where(ban => ban.Until is not { } end || now < end));
        Interlocked.CompareExchange(ref _standing, rest, standing);
        return rest;
    }

    /// <summary>The bans between two changes. Immutable.</summary>
    private sealed record Standing(IReadOnlyList<Ban> Bans, BlockSet Blocks, DateTimeOffset FirstEnd)
    {
        public static Standing Of(IEnumerable<Ban> bans)
        {
            var all = bans.ToList();
            return new Standing(all, BlockSet.Of(all.Select(ban => ban.Block)), all.Select(ban => ban.Until ?? DateTimeOffset.MaxValue).DefaultIfEmpty(DateTimeOffset.MaxValue).Min());
        }
    }
}

/// <summary>A ban by hand, as the file has it.</summary>
/// <param name="Block">The block.</param>
/// <param name="Since">When it began.</param>
/// <param name="Until">When it ends; null for never.</param>
/// <param name="Reason">Why; null if nobody said.</param>
internal sealed record HandBanRecord(string Block, DateTimeOffset Since, DateTimeOffset? Until, string? Reason)
{
    /// <summary>The record of a ban.</summary>
    public static HandBanRecord Of(Ban ban) => new(ban.Block.ToString(), ban.Since, ban.Until, ban.Reason);

    /// <summary>The ban.</summary>
    /// <exception cref="FormatException">The block is none.</exception>
    public Ban ToBan() => AddressBlock.Parse(Block) switch
    {
        ({ } block, _) => new Ban(block, BanCause.Hand, Since, Until) { Reason = Reason },
        (_, var error) => throw new FormatException($"one of its blocks is {error}"),
    };
}

/// <summary>The file's JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(IReadOnlyList<HandBanRecord>))]
internal sealed partial class BansJson : JsonSerializerContext;
