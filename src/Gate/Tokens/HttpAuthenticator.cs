using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Gate.Options;
using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Tokens;

/// <summary>
/// Asks a service: it gets the token's hash, the client's address and the challenge, and answers 200 with <c>{"name": "..."}</c> for accepted, 403 or 404 for not; with anything else it counts as down.
/// Answers are kept for a while, by token and challenge: what the service makes of the address is of no effect until they are asked for again.
/// </summary>
internal sealed class HttpAuthenticator : IAuthenticator, IAsyncDisposable
{
    /// <summary>So many questions are asked, or wait for that, at once; of further tokens nobody can say. Anybody can make tokens up, and each takes its memory.</summary>
    public const int MostAsked = 4096;

    private readonly HttpAuthenticatorOptions _options;
    private readonly ILogger _logger;
    private readonly HttpAsker _asker;

    // What follows is used under the lock. Accepted answers are kept apart, so that no number of strangers pushes them out.
    private readonly Lock _lock = new();
    private readonly AnswerCache<Client> _accepted;
    private readonly AnswerCache<bool> _refused;
    private readonly ServiceHealth _health;
    private readonly Dictionary<AnswerKey, Task<Authentication>> _asked = [];

    /// <param name="options">The service.</param>
    /// <param name="time">The clock of time-outs and kept answers.</param>
    /// <param name="logger">Hears when the service is down.</param>
    public HttpAuthenticator(HttpAuthenticatorOptions options, TimeProvider time, ILogger<HttpAuthenticator> logger)
    {
        (_options, _logger) = (options, logger);
        _asker = new HttpAsker(options, time, logger);
        _accepted = new AnswerCache<Client>(options.CacheSize, options.CacheFor, time);
        _refused = new AnswerCache<bool>(options.CacheSize, options.CacheRefusalsFor, time);
        _health = new ServiceHealth(options.Place, time, logger);
    }

    /// <inheritdoc/>
    public ValueTask<Authentication> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken)
    {
        var key = new AnswerKey(TokenHash.Of(request.Token.Span), request.Challenge);
        TaskCompletionSource<Authentication> source;
        var isTrial = false;
        lock (_lock)
        {
            if (_accepted.TryGetFresh(key, out var client) | _refused.TryGetFresh(key, out _))
            {
                return new ValueTask<Authentication>(client);
            }

            if (_asked.TryGetValue(key, out var asked))
            {
                return WaitAsync(asked, cancellationToken);
            }

            if (_asked.Count == MostAsked || !_health.TryBegin(out isTrial))
            {
                return new ValueTask<Authentication>(WithoutAnswer(key));
            }

            source = new TaskCompletionSource<Authentication>(TaskCreationOptions.RunContinuationsAsynchronously);
            _asked.Add(key, source.Task);
        }

        _ = AskAsync(key, request.RemoteAddress, isTrial, source);
        return WaitAsync(source.Task, cancellationToken);
    }

    /// <summary>Waits until what was asked is answered, which takes no longer than the time-out.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] asked;
        lock (_lock)
        {
            asked = [.. _asked.Values];
        }

        await Task.WhenAll(asked).ConfigureAwait(false);
        await _asker.DisposeAsync().ConfigureAwait(false);
    }

    // Whoever gives up, the others still wait, and the answer is kept.
    private static async ValueTask<Authentication> WaitAsync(Task<Authentication> asked, CancellationToken cancellationToken)
    {
        try
        {
            return await asked.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Authentication.Unknown;
        }
    }

    private async Task AskAsync(AnswerKey key, string address, bool isTrial, TaskCompletionSource<Authentication> source)
    {
        HttpOutcome? outcome = null;
        try
        {
            outcome = await _asker.AskAsync(new HttpQuestion(key.Token.ToString(), address, key.Challenge)).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Whatever is wrong, it is this question's end: the clients that wait are answered as if the service were down.
            TokensLog.AskingFailed(_logger, e, _options.Place);
        }

        Authentication answer;
        lock (_lock)
        {
            _asked.Remove(key);
            _health.Ended(outcome, isTrial);
            answer = Keep(key, outcome);
        }

        source.SetResult(answer);
    }

    private Authentication Keep(AnswerKey key, HttpOutcome? outcome)
    {
        switch (outcome)
        {
            case HttpOutcome.Accepted accepted:
                var client = new Client(accepted.Name, key.Token);
                _refused.Remove(key);
                _accepted.Put(key, client);
                return client;
            case HttpOutcome.Refused:
                _accepted.Remove(key);
                _refused.Put(key, true);
                return Authentication.FromClient(null);
            default:
                return WithoutAnswer(key);
        }
    }

    private Authentication WithoutAnswer(AnswerKey key) => _options.WhenDown == WhenDown.AcceptCached && _accepted.Any(key) is { } client ? client : Authentication.Unknown;
}
