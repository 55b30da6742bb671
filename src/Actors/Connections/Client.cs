namespace Instancer.Actors.Connections;

/// <summary>A client whose token was accepted.</summary>
/// <param name="Name">The name the operator gave the token.</param>
/// <param name="Token">The token's hash.</param>
public sealed record Client(string Name, TokenHash Token);
