namespace Instancer.Actors;

/// <summary>
/// What one client may take of a challenge. Unlike the rest of a <see cref="Challenge"/> it can change while the node runs: what was given stays given, and what comes next is
/// held to what is said by then. Of several nodes each counts by itself. What is counted by token does not apply where there is none (<see cref="ChallengeScope.Connection"/>).
/// </summary>
public sealed record ChallengeLimits
{
    /// <summary>Nothing is limited.</summary>
    public static ChallengeLimits None { get; } = new();

    /// <summary>How many instances of one token may be started within a minute; past it the client is denied. Null for as many as it asks for. Default: null.</summary>
    public int? StartsPerMinute { get; init; }

    /// <summary>How many instances one token may have at once, those that start among them; null for as many as it asks for. Default: null.</summary>
    public int? InstancesPerToken { get; init; }

    /// <summary>What happens to one that asks for more. Default: <see cref="TokenFullAction.Refuse"/>.</summary>
    public TokenFullAction WhenTokenFull { get; init; } = TokenFullAction.Refuse;

    /// <summary>How many sessions one instance may have at once; past it the client is denied. Null for as many as come. Default: null.</summary>
    public int? SessionsPerInstance { get; init; }

    /// <summary>How many bytes a second a session may pass on, in each direction by itself; null for as many as can. Default: null.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>How long a session may last; then both its sides are reset. Null for as long as its instance does. Default: null.</summary>
    public TimeSpan? SessionLength { get; init; }

    /// <summary>How much longer than <see cref="GatewayOptions.PreambleTimeout"/> a client may take for what it is asked before its preamble. Default: nothing.</summary>
    public TimeSpan OpeningAllowance { get; init; }

    /// <summary>Whether anything is counted by token.</summary>
    internal bool CountsTokens => StartsPerMinute is not null || InstancesPerToken is not null;

    /// <summary>Whether backends are told who their client is, by a header of the PROXY protocol, version 2. Default: false.</summary>
    public bool SendsProxyHeader { get; init; }
}

/// <summary>What happens to a client that asks for one instance more than its token may have.</summary>
public enum TokenFullAction
{
    /// <summary>It is denied.</summary>
    Refuse,

    /// <summary>The token's own oldest instance goes, and the client waits until it has; one that still starts is let finish first.</summary>
    OldestGoes,
}

/// <summary>Knows what clients may take of each challenge, at this moment.</summary>
public interface IChallengeLimits
{
    /// <summary>The limits of a challenge as they are now. Called in actors' handlers: it never waits.</summary>
    ChallengeLimits Of(string challenge);
}

/// <summary>Limits nothing, or always the same.</summary>
/// <param name="limits">For every challenge.</param>
public sealed class FixedLimits(ChallengeLimits limits) : IChallengeLimits
{
    /// <summary>Limits nothing.</summary>
    public static FixedLimits None { get; } = new(ChallengeLimits.None);

    /// <inheritdoc/>
    public ChallengeLimits Of(string challenge) => limits;
}
