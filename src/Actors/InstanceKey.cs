using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Instancer.Actors;

/// <summary>What names an instance: at most one backend is reachable under one key.</summary>
/// <param name="Challenge">The challenge's name in the configuration.</param>
/// <param name="Token">The hash of the client's token; random for a challenge whose scope is <see cref="ChallengeScope.Connection"/>.</param>
/// <param name="Identifier">The client's own number for one of its instances, 0 to 65535.</param>
public readonly record struct InstanceKey(string Challenge, TokenHash Token, ushort Identifier)
{
    /// <summary>The key as <c>CHALLENGE/TOKENHASH/IDENTIFIER</c>, which <see cref="TryParse"/> reads.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Challenge}/{Token}/{Identifier}");

    /// <summary>The key with 12 of the token hash's 64 digits, for logs and lists.</summary>
    public string ToShortString() => string.Create(CultureInfo.InvariantCulture, $"{Challenge}/{Token.ToShortString()}/{Identifier}");

    /// <summary>Reads what <see cref="ToString"/> writes; false if <paramref name="text"/> is anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out InstanceKey key)
    {
        key = default;
        var parts = text?.Split('/');
        if (parts is not [{ Length: > 0 } challenge, var hash, var number]
            || !TokenHash.TryParse(hash, out var token)
            || !ushort.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var identifier))
        {
            return false;
        }

        key = new InstanceKey(challenge, token, identifier);
        return true;
    }
}
