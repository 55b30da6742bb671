using Instancer.Gate.Files;
using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Addresses;

/// <summary>What the blocks of a file are for.</summary>
internal enum BlockFileUse
{
    /// <summary>They may connect.</summary>
    Allow,

    /// <summary>They may not.</summary>
    Deny,
}

/// <summary>
/// Blocks from a file that is looked at every second; best replaced by a rename, so that it is never seen half written. While it is missing, cannot be read or has a
/// bad line, the latest set stays. If there was none yet the set is empty: an allow file lets nobody in then, a deny file denies nobody, and the log says so.
/// </summary>
internal sealed class BlockFile : IDisposable
{
    private readonly BlockFileUse _use;
    private readonly ILogger _logger;
    private readonly WatchedFile _file;

    private volatile BlockSet? _blocks;

    private BlockFile(string path, BlockFileUse use, TimeProvider time, ILogger logger)
    {
        (Path, _use, _logger) = (path, use, logger);
        _file = new WatchedFile(path, time, Load, problem => AddressesLog.BlockFileUnavailable(_logger, Level, path, problem, Meanwhile));
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What is in it, as far as is known.</summary>
    public BlockSet Blocks => _blocks ?? BlockSet.Empty;

    private LogLevel Level => _blocks is null ? LogLevel.Error : LogLevel.Warning;

    private string Meanwhile => (_blocks, _use) switch
    {
        (null, BlockFileUse.Allow) => "nobody is let in by it",
        (null, _) => "nobody is denied by it",
        ({ Count: var count }, BlockFileUse.Allow) => $"the {count} blocks known before stay allowed",
        ({ Count: var count }, _) => $"the {count} blocks known before stay denied",
    };

    /// <summary>Reads the file and keeps up with it from here on.</summary>
    public static BlockFile Open(string path, BlockFileUse use, TimeProvider time, ILogger logger) => new(path, use, time, logger);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Load(byte[] contents)
    {
        var (blocks, line, error) = BlockFileText.Parse(contents);
        if (blocks is null)
        {
            AddressesLog.BlockFileBadLine(_logger, Level, Path, line, error!, Meanwhile);
            return;
        }

        _blocks = blocks;
        AddressesLog.BlockFileLoaded(_logger, Path, blocks.Count, _use == BlockFileUse.Allow ? "allowed" : "denied");
    }
}
