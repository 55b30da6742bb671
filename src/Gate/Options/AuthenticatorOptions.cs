namespace Instancer.Gate.Options;

/// <summary>Who else than the tokens file says which tokens are accepted. All of it is off by default.</summary>
internal sealed record AuthenticatorOptions
{
    /// <summary>The file with the keys of signed tokens, readable by its owner and group only, looked at every second; null for no signed tokens. Default: null.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The service that is asked about a token that nobody else accepts; null for none. Default: null.</summary>
    public HttpAuthenticatorOptions? Http { get; init; }
}

/// <summary>A service that is asked by HTTP.</summary>
internal sealed record HttpAuthenticatorOptions
{
    /// <summary>Where it is asked: http or https, without credentials of its own. Redirects are not followed, and no proxy is used.</summary>
    public required Uri Url { get; init; }

    /// <summary>How long an answer may take, the wait for a place among <see cref="MaxConcurrent"/> included. Default: 2 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an accepted token stays so without another question; zero for not at all. Default: 1 minute.</summary>
    public TimeSpan CacheFor { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a refused token stays so without another question; zero for not at all. Default: 5 seconds.</summary>
    public TimeSpan CacheRefusalsFor { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many accepted answers are kept, and how many refusals; the oldest of a kind goes first. Default: 10,000.</summary>
    public int CacheSize { get; init; } = 10_000;

    /// <summary>What becomes of a client while there is no answer. Default: <see cref="WhenDown.Refuse"/>.</summary>
    public WhenDown WhenDown { get; init; } = WhenDown.Refuse;

    /// <summary>Questions at once, and so connections to the service. Default: 16.</summary>
    public int MaxConcurrent { get; init; } = 16;

    /// <summary>A file with what goes to the service as <c>Authorization: Bearer</c>, readable by its owner and group only, looked at every second; null for nothing. Default: null.</summary>
    public string? BearerFile { get; init; }

    /// <summary>The service as logs name it: what follows the port may be a secret.</summary>
    public string Place => $"{Url.Scheme}://{Url.Host}:{Url.Port}";

    /// <summary>Without the path and the query of <see cref="Url"/>.</summary>
    public override string ToString() => $"{nameof(HttpAuthenticatorOptions)} {{ {nameof(Url)} = {Place}, {nameof(WhenDown)} = {WhenDown} }}";
}

/// <summary>What becomes of a client while the service that is asked about it does not answer.</summary>
internal enum WhenDown
{
    /// <summary>It is not accepted.</summary>
    Refuse,

    /// <summary>It is accepted if the latest answer about it said so, however long ago that was.</summary>
    AcceptCached,
}
