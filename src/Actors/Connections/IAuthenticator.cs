namespace Instancer.Actors.Connections;

/// <summary>Knows which tokens are accepted.</summary>
public interface IAuthenticator
{
    /// <summary>
    /// What is known of a token. Never faulted and never blocking: it is called in an actor's handler. Where the answer is known at once it takes the same
    /// time whether or not the token is accepted.
    /// </summary>
    /// <param name="request">Whose token, for what.</param>
    /// <param name="cancellationToken">The connection is over, or has waited for too long: the answer is of no use any more.</param>
    ValueTask<Authentication> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken);
}

/// <summary>What an authenticator is asked.</summary>
/// <param name="Challenge">The challenge that the client wants.</param>
/// <param name="RemoteAddress">The client's address as <c>host:port</c>.</param>
/// <param name="Token">The 128 bytes of the preamble. Not to be kept: they are overwritten once the answer is there.</param>
public readonly record struct AuthenticationRequest(string Challenge, string RemoteAddress, ReadOnlyMemory<byte> Token);
