using Instancer.Actors.Connections;

namespace Instancer.Gate.Tokens;

/// <summary>The authenticators of a node, in the order in which they are asked.</summary>
/// <param name="Local">Those that know the answer at once.</param>
/// <param name="Remote">Those that have to ask for it.</param>
internal sealed record Authenticators(IReadOnlyList<IAuthenticator> Local, IReadOnlyList<IAuthenticator> Remote);

/// <summary>
/// Asks several authenticators; the first that accepts wins. The local ones are always all asked, so that the time does not tell which of them accepted, if any did. The remote ones are asked one after the other,
/// and only about a token that no local one accepts: behind them, time tells that much, and it is the time of a network.
/// </summary>
/// <param name="current">Whom to ask; may differ each time.</param>
internal sealed class AuthenticatorChain(Func<Authenticators> current) : IAuthenticator
{
    /// <inheritdoc/>
    public ValueTask<Client?> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken)
    {
        var authenticators = current();
        Client? client = null;
        foreach (var local in authenticators.Local)
        {
            var answer = local.AuthenticateAsync(request, cancellationToken);
            if (!answer.IsCompletedSuccessfully)
            {
                throw new InvalidOperationException($"{local.GetType().Name} is among those that know the answer at once, and did not.");
            }

            var found = answer.Result;
            client ??= found;
        }

        return client is not null || authenticators.Remote.Count == 0
            ? new ValueTask<Client?>(client)
            : AskAsync(authenticators.Remote, request, cancellationToken);
    }

    private static async ValueTask<Client?> AskAsync(IReadOnlyList<IAuthenticator> remote, AuthenticationRequest request, CancellationToken cancellationToken)
    {
        foreach (var authenticator in remote)
        {
            if (await authenticator.AuthenticateAsync(request, cancellationToken).ConfigureAwait(false) is { } client)
            {
                return client;
            }
        }

        return null;
    }
}
