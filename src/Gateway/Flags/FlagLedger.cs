using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Flags;

/// <summary>
/// Which flag was given to whom: a file that grows by a line for each start, and one for each spare that is taken, and says so for ever, whether the instance still runs or not.
/// Of a flag only its SHA-256 is kept, so who reads the file has no flag.
/// </summary>
internal sealed class FlagLedger : IDisposable
{
    /// <summary>The hexadecimal digits of a SHA-256.</summary>
    public const int HashLength = 2 * SHA256.HashSizeInBytes;

    private readonly ConcurrentDictionary<string, FlagRecord> _records = new(StringComparer.Ordinal);
    private readonly Lock _writing = new();
    private readonly FileStream _file;

    private FlagLedger(FileStream file) => _file = file;

    /// <summary>Opens the file, made unless it is there, and reads what it says. A line that cannot be read is reported by its number, and left.</summary>
    /// <exception cref="IOException">It can be neither read nor made, or another node has it open.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static FlagLedger Open(string path, ILogger<FlagLedger> logger)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var ledger = new FlagLedger(new FileStream(path, options));
        ledger.Read(path, logger);
        return ledger;
    }

    /// <summary>Notes, durably, to whom a flag is about to be given.</summary>
    /// <exception cref="IOException">It cannot be written: the disk is full.</exception>
    public void Add(string flag, FlagRecord record)
    {
        var hash = HashOf(flag);
        var line = Encoding.UTF8.GetBytes(record.ToLine(hash) + "\n");
        lock (_writing)
        {
            _file.Write(line);
            _file.Flush(flushToDisk: true);
        }

        _records[hash] = record;
    }

    /// <summary>To whom the flag was given; null if to nobody.</summary>
    public FlagRecord? Find(string flag) => _records.GetValueOrDefault(HashOf(flag));

    public void Dispose() => _file.Dispose();

    private static string HashOf(string flag) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(flag)));

    private void Read(string path, ILogger logger)
    {
        using var reader = new StreamReader(_file, Encoding.UTF8, leaveOpen: true);
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (FlagRecord.Parse(line) is var (hash, record))
            {
                _records[hash] = record;
            }
            else
            {
                FlagsLog.BadLine(logger, path, number);
            }
        }

        // A line that was cut off when the machine lost its power stays a line of its own.
        if (_file.Length > 0)
        {
            _file.Seek(-1, SeekOrigin.End);
            if (_file.ReadByte() != '\n')
            {
                _file.WriteByte((byte)'\n');
            }
        }
    }
}
