using System.Security.Cryptography;

namespace Instancer.Gate.Files;

/// <summary>A file that is looked at every second, for who has to know what is in it. One that is missing is no error: it counts once it appears.</summary>
internal sealed class WatchedFile : IDisposable, IAsyncDisposable
{
    private const long LargestFile = 256L << 20;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A file that changed this recently may change again without its time stamp moving.
    private static readonly TimeSpan TimeStampGrain = TimeSpan.FromSeconds(2);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Action<byte[]> _changed;
    private readonly Action<string> _unavailable;
    private readonly ITimer _timer;

    private (DateTime Written, long Length)? _seen;
    private byte[] _digest = [];
    private string? _reportedProblem;

    /// <summary>Looks at the file, and does so from here on.</summary>
    /// <param name="path">The file.</param>
    /// <param name="time">Whose seconds.</param>
    /// <param name="changed">Told the contents, which are its own then: once before this ends, and each time they are others.</param>
    /// <param name="unavailable">Told why the file cannot be read, once for each reason.</param>
    public WatchedFile(string path, TimeProvider time, Action<byte[]> changed, Action<string> unavailable)
    {
        (_path, _time, _changed, _unavailable) = (path, time, changed, unavailable);
        Look();
        _timer = time.CreateTimer(_ => LookAndWait(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(Interval, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>Ends when nobody is told anything any more.</summary>
    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    // One look after the other, however long one takes.
    private void LookAndWait()
    {
        Look();
        _timer.Change(Interval, Timeout.InfiniteTimeSpan);
    }

    private void Look()
    {
        try
        {
            var file = new FileInfo(_path);
            var stamp = (file.LastWriteTimeUtc, file.Exists ? file.Length : -1);
            if (stamp == _seen)
            {
                return;
            }

            Take(ReadAll());
            var isSettled = _time.GetUtcNow().UtcDateTime - stamp.LastWriteTimeUtc > TimeStampGrain;
            _seen = isSettled ? stamp : null;
            _reportedProblem = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            (_seen, _digest) = (null, []);
            var problem = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message.ReplaceLineEndings(" ");
            if (problem != _reportedProblem)
            {
                _reportedProblem = problem;
                _unavailable(problem);
            }
        }
    }

    private byte[] ReadAll()
    {
        using var stream = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length > LargestFile)
        {
            throw new IOException($"it has {stream.Length} bytes, more than the {LargestFile} that are read");
        }

        var contents = new byte[stream.Length];
        return contents[..stream.ReadAtLeast(contents, contents.Length, throwOnEndOfStream: false)];
    }

    private void Take(byte[] contents)
    {
        var digest = SHA256.HashData(contents);
        if (!digest.AsSpan().SequenceEqual(_digest))
        {
            _digest = digest;
            _changed(contents);
        }
    }
}
