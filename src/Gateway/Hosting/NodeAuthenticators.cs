using Instancer.Actors.Connections;
using Instancer.Gate.Options;
using Instancer.Gate.Tokens;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Hosting;

/// <summary>Who says which tokens are accepted: the tokens file, and whom the configuration names besides. That can change while the node runs.</summary>
internal sealed class NodeAuthenticators : IAsyncDisposable
{
    private readonly IAuthenticator _tokensFile;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly Lock _changing = new();
    private readonly List<Task> _ending = [];
    private volatile Authenticators _current = new([], []);
    private AuthenticatorOptions _options = new();
    private SignedTokens? _signed;
    private HttpAuthenticator? _service;

    /// <param name="tokensFile">Knows the tokens of the file; stays the caller's.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where they log.</param>
    public NodeAuthenticators(IAuthenticator tokensFile, TimeProvider time, ILoggerFactory loggers)
    {
        (_tokensFile, _time, _loggers) = (tokensFile, time, loggers);
        Chain = new AuthenticatorChain(() => _current);
        Set();
    }

    /// <summary>All of them as one.</summary>
    public IAuthenticator Chain { get; }

    /// <summary>Has other options count from now on. Who was asked before answers what it was asked.</summary>
    public void Apply(AuthenticatorOptions options)
    {
        lock (_changing)
        {
            if (options.KeyFile != _options.KeyFile)
            {
                End(_signed);
                _signed = options.KeyFile is { } file ? new SignedTokens(file, _time, _loggers.CreateLogger<SignedTokens>()) : null;
            }

            if (options.Http != _options.Http)
            {
                End(_service);
                _service = options.Http is { } service ? new HttpAuthenticator(service, _time, _loggers.CreateLogger<HttpAuthenticator>()) : null;
            }

            _options = options;
            Set();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task[] ending;
        lock (_changing)
        {
            End(_signed);
            End(_service);
            ending = [.. _ending];
        }

        await Task.WhenAll(ending).ConfigureAwait(false);
    }

    private void Set() => _current = new Authenticators(
        _signed is null ? [_tokensFile] : [_signed, _tokensFile], _service is null ? [] : [_service]);

    private void End(IAsyncDisposable? former)
    {
        if (former is not null)
        {
            _ending.RemoveAll(task => task.IsCompletedSuccessfully);
            _ending.Add(former.DisposeAsync().AsTask());
        }
    }
}
