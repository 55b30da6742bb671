using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Tokens;

/// <summary>
/// A small secret file that is looked at every second. While it is missing, open to others or not understood, what was read before stays.
/// </summary>
internal sealed class FollowedSecret : IAsyncDisposable
{
    // What is longer is some other file.
    private const int Longest = 64 << 10;

    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly ILogger _logger;
    private readonly Func<ReadOnlyMemory<byte>, string?> _take;
    private readonly PeriodicTimer _timer;
    private readonly Task _polling;

    private byte[] _digest = [];
    private string? _reportedProblem;

    /// <param name="path">The file. It is read at once, and again whenever it differs.</param>
    /// <param name="take">Takes what is in it, or says what is wrong, without showing any of it. The bytes are overwritten afterwards.</param>
    /// <param name="time">The clock of the looks.</param>
    /// <param name="logger">Hears when it was read, and once of each thing that is wrong.</param>
    public FollowedSecret(string path, Func<ReadOnlyMemory<byte>, string?> take, TimeProvider time, ILogger logger)
    {
        (_path, _take, _logger) = (path, take, logger);
        Look();
        _timer = new PeriodicTimer(Interval, time);
        _polling = Task.Run(LookAgainAsync);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _polling.ConfigureAwait(false);
    }

    private async Task LookAgainAsync()
    {
        while (await _timer.WaitForNextTickAsync().ConfigureAwait(false))
        {
            Look();
        }
    }

    // The file is small: it is read each time, so that neither a time stamp's grain nor changed rights are missed.
    private void Look()
    {
        try
        {
            using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(file.SafeFileHandle) is var mode && (mode & Others) != 0)
            {
                Report($"it is open to others (mode {Convert.ToString((int)mode, toBase: 8)})");
                return;
            }

            var bytes = new byte[Longest + 1];
            var contents = bytes.AsMemory(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
            Report(contents.Length > Longest ? $"it has more than the {Longest} bytes that are read" : Take(contents));
            CryptographicOperations.ZeroMemory(bytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            Report("there is no such file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report(e.Message.ReplaceLineEndings(" "));
        }
    }

    private string? Take(ReadOnlyMemory<byte> contents)
    {
        var digest = SHA256.HashData(contents.Span);
        if (digest.AsSpan().SequenceEqual(_digest))
        {
            return null;
        }

        var problem = _take(contents);
        if (problem is null)
        {
            _digest = digest;
            TokensLog.FileRead(_logger, _path);
        }

        return problem;
    }

    private void Report(string? problem)
    {
        if (problem is not null && problem != _reportedProblem)
        {
            TokensLog.FileUnusable(_logger, _path, problem);
        }

        _reportedProblem = problem;
    }
}
