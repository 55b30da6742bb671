namespace Instancer.Gate.Tokens;

/// <summary>How asking the service ended.</summary>
internal abstract record HttpOutcome
{
    /// <summary>The token is accepted.</summary>
    /// <param name="Name">The client's name.</param>
    public sealed record Accepted(string Name) : HttpOutcome;

    /// <summary>It is not.</summary>
    public sealed record Refused : HttpOutcome;

    /// <summary>The service answered, and what it said cannot be used: to this client it is down.</summary>
    /// <param name="Problem">What was wrong.</param>
    public sealed record Unusable(string Problem) : HttpOutcome;

    /// <summary>The service is down.</summary>
    /// <param name="Problem">What was wrong.</param>
    public sealed record Down(string Problem) : HttpOutcome;

    /// <summary>The time was over before the service could be asked, because of the questions in front.</summary>
    public sealed record Crowded : HttpOutcome;
}
