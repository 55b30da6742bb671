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
    private const int Version = 1;

    /// <summary>Tells this life of the node from others, and from another node that was given the same name; empty if it does not say.</summary>
    public string Life { get; init; } = "";

    /// <summary>Whether it is about to leave: nothing new is placed there.</summary>
    public bool IsDraining { get; init; }

    /// <summary>What it has to do, by the name of the challenge; it serves no others.</summary>
    public IReadOnlyDictionary<string, ChallengeLoad> Loads { get; init; } = Load.None;

    /// <summary>When it told this; 0 if it is not from the store.</summary>
    public long Revision { get; init; }

    /// <summary>The value of its key.</summary>
    public string ToValue() => JsonSerializer.Serialize(
        new MemberValue(Version, Advertise.ToString(), Life, IsDraining, new(Loads.OrderBy(load => load.Key, StringComparer.Ordinal)!)),
        MemberJson.Default.MemberValue);

    /// <summary>
    /// Reads what <see cref="ToValue"/> writes, here or in a later version, which may say more. False if it is anything else.
    /// </summary>
    public static bool TryParse(string name, string value, [NotNullWhen(true)] out Member? member)
    {
        member = null;
        MemberValue? read;
        try
        {
            read = JsonSerializer.Deserialize(value, MemberJson.Default.MemberValue);
        }
        catch (JsonException)
        {
            return false;
        }

        if (!IPEndPoint.TryParse(read?.Advertise ?? "", out var advertise))
        {
            return false;
        }

        // A challenge that says nothing of its load is none that anything can be placed for.
        var loads = (read!.Challenges ?? []).Where(load => load.Value is not null);
        member = new Member(name, advertise)
        {
            Life = read.Life ?? "",
            IsDraining = read.Draining,
            Loads = loads.ToDictionary(load => load.Key, load => load.Value!, StringComparer.Ordinal),
        };
        return true;
    }
}

internal sealed record MemberValue(int Version, string? Advertise, string? Life, bool Draining, Dictionary<string, ChallengeLoad?>? Challenges);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MemberValue))]
internal sealed partial class MemberJson : JsonSerializerContext;
