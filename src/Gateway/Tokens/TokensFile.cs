using System.Security.Cryptography;
using Instancer.Actors.Connections;
using Instancer.Gate.Files;
using Instancer.Gateway.Hosting;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Tokens;

/// <summary>
/// The accepted tokens, from a file that is looked at every second. While it is missing or cannot be read, the latest set stays.
/// </summary>
internal sealed class TokensFile : IAuthenticator, IAsyncDisposable
{
    private readonly string _path;
    private readonly ILogger _logger;
    private readonly WatchedFile _file;

    private volatile TokenSet _tokens = TokenSet.Empty;

    private TokensFile(string path, TimeProvider time, ILogger<TokensFile> logger)
    {
        (_path, _logger) = (path, logger);
        _file = new WatchedFile(path, time, Load, problem => LogMessages.TokensFileUnavailable(_logger, _path, problem, _tokens.Count));
    }

    /// <summary>The tokens that are accepted now.</summary>
    public TokenSet Tokens => _tokens;

    /// <summary>Reads the file and keeps up with it from here on. A file that is missing is no error; it counts once it appears.</summary>
    public static TokensFile Open(string path, TimeProvider time, ILogger<TokensFile> logger) => new(path, time, logger);

    /// <inheritdoc/>
    public ValueTask<Authentication> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken) => new(_tokens.Find(request.Token.Span));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _file.DisposeAsync();

    private void Load(byte[] contents)
    {
        var tokens = TokenSet.Parse(contents, (line, error) => LogMessages.TokensFileBadLine(_logger, _path, line, error));
        CryptographicOperations.ZeroMemory(contents);
        _tokens = tokens;
        LogMessages.TokensLoaded(_logger, _path, tokens.Count);
    }
}
