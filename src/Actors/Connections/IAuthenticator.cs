namespace Instancer.Actors.Connections;

/// <summary>Knows which tokens are accepted.</summary>
public interface IAuthenticator
{
    /// <summary>
    /// The client that <paramref name="token"/> belongs to, or null if it is not accepted. Takes the same time whether or not it
    /// is, and never waits: it is called in an actor's handler.
    /// </summary>
    /// <param name="token">The 128 bytes of the preamble. Not to be kept.</param>
    Client? Authenticate(ReadOnlySpan<byte> token);
}
