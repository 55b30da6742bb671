using System.Text.Json;
using System.Text.Json.Serialization;

namespace Instancer.Gate.Tokens;

/// <summary>What an authenticator asked by HTTP answers about a token that it accepts: <c>{"name": "..."}</c>. Other members are passed over, so that a service may say more to others.</summary>
/// <param name="Name">The client's name.</param>
internal sealed record HttpAnswer(string? Name)
{
    /// <summary>How many bytes an answer may have.</summary>
    public const int Longest = 16 << 10;

    /// <summary>Reads an answer, whatever it is: false unless it is one JSON object with one valid name, <see cref="ClientName.IsValid(string)"/>.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out string name)
    {
        name = "";
        if (body.Length > Longest)
        {
            return false;
        }

        try
        {
            if (JsonSerializer.Deserialize(body, HttpJson.Default.HttpAnswer)?.Name is { } found && ClientName.IsValid(found))
            {
                name = found;
            }
        }
        catch (JsonException)
        {
            // Not JSON, or not of this form: what is wrong with it is the service's own affair.
        }

        return name.Length > 0;
    }
}

/// <summary>What the service is asked.</summary>
/// <param name="Token">The SHA-256 of the token, in hexadecimal digits.</param>
/// <param name="Address">The client's address, <c>host:port</c>.</param>
/// <param name="Challenge">The challenge that it wants.</param>
internal sealed record HttpQuestion(string Token, string Address, string Challenge);

/// <summary>The JSON that passes between the two.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 16, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(HttpAnswer))]
[JsonSerializable(typeof(HttpQuestion))]
internal sealed partial class HttpJson : JsonSerializerContext;
