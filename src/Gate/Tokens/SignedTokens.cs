using Instancer.Actors.Connections;
using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Tokens;

/// <summary>Accepts tokens that are signed with a key of a key file, which is looked at every second. Nothing is kept of a token.</summary>
internal sealed class SignedTokens : IAuthenticator, IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly FollowedSecret _file;
    private volatile SigningKeys _keys = SigningKeys.None;

    /// <param name="keyFile">The key file; until it can be read, nothing is accepted.</param>
    /// <param name="time">The clock by which tokens end.</param>
    /// <param name="logger">Hears of the key file.</param>
    public SignedTokens(string keyFile, TimeProvider time, ILogger<SignedTokens> logger)
    {
        _time = time;
        _file = new FollowedSecret(keyFile, Take, time, logger);
    }

    /// <inheritdoc/>
    public ValueTask<Authentication> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken) =>
        new(_keys.Find(request.Token.Span, request.Challenge, _time.GetUtcNow()));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _file.DisposeAsync();

    private string? Take(ReadOnlyMemory<byte> contents)
    {
        var (keys, error) = SigningKeys.Parse(contents.Span);
        _keys = keys ?? _keys;
        return error;
    }
}
