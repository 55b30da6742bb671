using System.Security.Cryptography;
using Instancer.Actors;
using Instancer.Actors.Connections;

namespace Instancer.Gate.Tests.Tokens;

internal sealed class WordOfTheHour(Func<byte[]> word) : IAuthenticator
{
    public ValueTask<Authentication> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken)
    {
        // Never faulted, never blocking, and as long for a wrong word: this runs in an actor's handler. The token is not to be kept.
        var client = new Client("guest", TokenHash.Of(request.Token.Span));
        var isRight = CryptographicOperations.FixedTimeEquals(request.Token.Span, word());
        return new(isRight ? client : null);
    }
}
