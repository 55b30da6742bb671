namespace Instancer.Actors.Connections;

/// <summary>What an authenticator knows of a token: whose it is, that it is nobody's, or that nobody can say.</summary>
public readonly record struct Authentication
{
    /// <summary>Nobody can say now: whoever would know does not answer. The client is not served, and not blamed for it either.</summary>
    public static Authentication Unknown { get; } = new() { IsUnknown = true };

    /// <summary>Whose the token is; null if it is not accepted.</summary>
    public Client? Client { get; private init; }

    /// <summary>Whether nobody can say; then there is no <see cref="Client"/>.</summary>
    public bool IsUnknown { get; private init; }

    /// <summary>A client whose token is accepted; null for a token that is not.</summary>
    public static implicit operator Authentication(Client? client) => FromClient(client);

    /// <summary>A client whose token is accepted; null for a token that is not.</summary>
    public static Authentication FromClient(Client? client) => new() { Client = client };
}
