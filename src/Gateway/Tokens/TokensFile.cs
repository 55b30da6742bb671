using System.Security.Cryptography;
using Instancer.Actors.Connections;
using Instancer.Gateway.Hosting;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Tokens;

/// <summary>
/// The accepted tokens, from a file that is looked at every second. While it is missing or cannot be read, the latest set stays.
/// </summary>
internal sealed class TokensFile : IAuthenticator, IAsyncDisposable
{
    private const long LargestFile = 256L << 20;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A file that changed this recently may change again without its time stamp moving.
    private static readonly TimeSpan TimeStampGrain = TimeSpan.FromSeconds(2);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PeriodicTimer _timer;
    private readonly Task _polling;

    private volatile TokenSet _tokens = TokenSet.Empty;
    private (DateTime Written, long Length)? _seen;
    private byte[] _digest = [];
    private string? _reportedProblem;

    private TokensFile(string path, TimeProvider time, ILogger<TokensFile> logger)
    {
        (_path, _time, _logger) = (path, time, logger);
        Poll();
        _timer = new PeriodicTimer(Interval, time);
        _polling = Task.Run(PollAsync);
    }

    /// <summary>The tokens that are accepted now.</summary>
    public TokenSet Tokens => _tokens;

    /// <summary>Reads the file and keeps up with it from here on. A file that is missing is no error; it counts once it appears.</summary>
    public static TokensFile Open(string path, TimeProvider time, ILogger<TokensFile> logger) => new(path, time, logger);

    /// <inheritdoc/>
    public ValueTask<Client?> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken) => new(_tokens.Find(request.Token.Span));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _polling.ConfigureAwait(false);
    }

    private async Task PollAsync()
    {
        while (await _timer.WaitForNextTickAsync().ConfigureAwait(false))
        {
            Poll();
        }
    }

    private void Poll()
    {
        try
        {
            var file = new FileInfo(_path);
            var stamp = (file.LastWriteTimeUtc, file.Exists ? file.Length : -1);
            if (stamp == _seen)
            {
                return;
            }

            Load(ReadAll());
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
                LogMessages.TokensFileUnavailable(_logger, _path, problem, _tokens.Count);
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

    private void Load(byte[] contents)
    {
        var digest = SHA256.HashData(contents);
        if (digest.AsSpan().SequenceEqual(_digest))
        {
            return;
        }

        _digest = digest;
        var tokens = TokenSet.Parse(contents, (line, error) => LogMessages.TokensFileBadLine(_logger, _path, line, error));
        CryptographicOperations.ZeroMemory(contents);
        _tokens = tokens;
        LogMessages.TokensLoaded(_logger, _path, tokens.Count);
    }
}
