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
    public ValueTask<Authentication> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken)
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

            var found = answer.Result.Client;
            client ??= found;
        }

        return client is not null || authenticators.Remote.Count == 0
            ? new ValueTask<Authentication>(client)
            : AskAsync(authenticators.Remote, request, cancellationToken);
    }

    private static async ValueTask<Authentication> AskAsync(IReadOnlyList<IAuthenticator> remote, AuthenticationRequest request, CancellationToken cancellationToken)
    {
        // Who is known to none of those that answer may be known to one that does not.
        Authentication answer = default;
        foreach (var authenticator in remote)
        {
            var known = await authenticator.AuthenticateAsync(request, cancellationToken).ConfigureAwait(false);
            if (known.Client is not null)
            {
                return known;
            }

            answer = known.IsUnknown ? known : answer;
        }

        return answer;
    }
}
