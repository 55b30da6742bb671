using Instancer.Gate.Options;
using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Addresses;

/// <summary>Which addresses may connect to one challenge: the blocks of the options and those of the files that they name. Thread-safe.</summary>
internal sealed class AddressLists : IDisposable
{
    private readonly Func<AddressOptions> _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _following = new();

    private volatile Lists _lists;

    /// <param name="options">The options; asked anew each time, and followed when they are another record than before.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where the files' faults are logged.</param>
    public AddressLists(Func<AddressOptions> options, TimeProvider time, ILogger logger)
    {
        (_options, _time, _logger) = (options, time, logger);
        _lists = Read(options(), before: null);
    }

    /// <summary>Why an address may not connect; null if it may.</summary>
    public AddressRefusal? Refuse(UInt128 number)
    {
        var lists = Current();
        return lists.Denied.Contains(number) || lists.DenyFile?.Blocks.Contains(number) == true ? AddressRefusal.Denied
            : !lists.AllowsAll && !lists.Allowed.Contains(number) && lists.AllowFile?.Blocks.Contains(number) != true ? AddressRefusal.NotAllowed
            : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_following)
        {
            _lists.AllowFile?.Dispose();
            _lists.DenyFile?.Dispose();
        }
    }

    // The first connection after a reload has the files opened that were not before.
    private Lists Current()
    {
        var options = _options();
        var lists = _lists;
        if (ReferenceEquals(lists.Options, options))
        {
            return lists;
        }

        lock (_following)
        {
            lists = _lists;
            return ReferenceEquals(lists.Options, options) ? lists : _lists = Read(options, lists);
        }
    }

    private Lists Read(AddressOptions options, Lists? before) => new(
        options,
        BlockSet.Of(options.Allow.Select(AddressBlock.Of)),
        BlockSet.Of(options.Deny.Select(AddressBlock.Of)),
        Open(options.AllowFile, BlockFileUse.Allow, before?.AllowFile),
        Open(options.DenyFile, BlockFileUse.Deny, before?.DenyFile));

    private BlockFile? Open(string? path, BlockFileUse use, BlockFile? before)
    {
        if (path == before?.Path)
        {
            return before;
        }

        before?.Dispose();
        return path is null ? null : BlockFile.Open(path, use, _time, _logger);
    }

    private sealed record Lists(AddressOptions Options, BlockSet Allowed, BlockSet Denied, BlockFile? AllowFile, BlockFile? DenyFile)
    {
        public bool AllowsAll { get; } = Options is { Allow.Count: 0, AllowFile: null };
    }
}
