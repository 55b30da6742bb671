using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Instancer.Cluster.Membership;

/// <summary>A node of the cluster, as it tells the others.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Advertise">Where it is reached.</param>
internal sealed record Member(string Name, IPEndPoint Advertise)
{
    /// <summary>The value of its key.</summary>
    public string ToValue() => JsonSerializer.Serialize(new MemberValue(Advertise.ToString()), MemberJson.Default.MemberValue);

    /// <summary>Reads what <see cref="ToValue"/> writes; false if it is anything else, which a later version may have put there.</summary>
    public static bool TryParse(string name, string value, [NotNullWhen(true)] out Member? member)
    {
        member = null;
        try
        {
            if (IPEndPoint.TryParse(JsonSerializer.Deserialize(value, MemberJson.Default.MemberValue)?.Advertise ?? "", out var advertise))
            {
                member = new Member(name, advertise);
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return member is not null;
    }
}

internal sealed record MemberValue(string? Advertise);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MemberValue))]
internal sealed partial class MemberJson : JsonSerializerContext;
