using Instancer.Actors.Registry;

namespace Instancer.Actors.Connections;

/// <summary>What a session is held to.</summary>
/// <param name="Tenure">Not a byte passes once it does not hold: the session ends as if it were revoked.</param>
public sealed record SessionTerms(ITenure Tenure)
{
    /// <summary>How many bytes a second may pass, in each direction by itself; null for as many as can. Default: null.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>
    /// The client's address as <c>host:port</c>, which the backend is told before anything else in a header of the PROXY protocol, version 2; null for no header. Default: null.
    /// </summary>
    public string? ProxySource { get; init; }
}
