using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Instancer.Actors;

namespace Instancer.Containers.Docker;

/// <summary>What a container's labels say: all that a node needs to take over a container which an earlier process started.</summary>
/// <param name="Node">The node that the container belongs to.</param>
/// <param name="Key">The key it was started for.</param>
/// <param name="Created">When.</param>
/// <param name="Spec">The digest of the template it was started from.</param>
/// <param name="Address">How it is reached.</param>
internal sealed record ContainerLabels(string Node, InstanceKey Key, DateTimeOffset Created, string Spec, ContainerAddress Address)
{
    public const string NodeLabel = "instancer.node";
    public const string ChallengeLabel = "instancer.challenge";
    public const string TokenLabel = "instancer.token";
    public const string IdentifierLabel = "instancer.identifier";
    private const string GroupLabel = "instancer.group";
    private const string MemberLabel = "instancer.member";
    private const string CompanionsLabel = "instancer.companions";
    private const string SpareLabel = "instancer.spare";
    private const string CreatedLabel = "instancer.created";
    private const string SpecLabel = "instancer.spec";
    private const string AddressLabel = "instancer.address";

    /// <summary>Whether it was started as a spare: then <see cref="Key"/> is a stand-in, and the container's name tells whose it is by now.</summary>
    public bool IsSpare { get; init; }

    /// <summary>What all containers of one instance have in common, and no other has; null for one that has no companions.</summary>
    public string? Group { get; init; }

    /// <summary>A companion's name; null for the container that sessions reach.</summary>
    public string? Member { get; init; }

    /// <summary>The names of the companions.</summary>
    public IReadOnlyList<string> Companions { get; init; } = [];

    public Dictionary<string, string> ToMap()
    {
        var map = Always();
        if (Group is not null)
        {
            map[GroupLabel] = Group;
            map[CompanionsLabel] = string.Join(',', Companions);
        }

        if (Member is not null)
        {
            map[MemberLabel] = Member;
        }

        if (IsSpare)
        {
            map[SpareLabel] = "true";
        }

        return map;
    }

    private Dictionary<string, string> Always() => new(StringComparer.Ordinal)
    {
        [NodeLabel] = Node,
        [ChallengeLabel] = Key.Challenge,
        [TokenLabel] = Key.Token.ToString(),
        [IdentifierLabel] = Key.Identifier.ToString(CultureInfo.InvariantCulture),
        // RFC 3339
        [CreatedLabel] = Created.ToString("O", CultureInfo.InvariantCulture),
        [SpecLabel] = Spec,
        [AddressLabel] = Address.ToString(),
    };

    /// <summary>Reads what <see cref="ToMap"/> wrote; false if a label is missing or is anything else.</summary>
    public static bool TryParse(IReadOnlyDictionary<string, string>? labels, [NotNullWhen(true)] out ContainerLabels? parsed)
    {
        parsed = null;
        if (labels is null
            || !labels.TryGetValue(NodeLabel, out var node)
            || !labels.TryGetValue(ChallengeLabel, out var challenge) || challenge.Length == 0
            || !TokenHash.TryParse(labels.GetValueOrDefault(TokenLabel), out var token)
            || !ushort.TryParse(labels.GetValueOrDefault(IdentifierLabel), NumberStyles.None, CultureInfo.InvariantCulture, out var identifier)
            || !DateTimeOffset.TryParse(labels.GetValueOrDefault(CreatedLabel), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var created)
            || !labels.TryGetValue(SpecLabel, out var spec)
            || !ContainerAddress.TryParse(labels.GetValueOrDefault(AddressLabel), out var address))
        {
            return false;
        }

        parsed = new ContainerLabels(node, new InstanceKey(challenge, token, identifier), created, spec, address)
        {
            IsSpare = labels.ContainsKey(SpareLabel),
            Group = GroupOf(labels),
            Member = MemberOf(labels),
            Companions = labels.GetValueOrDefault(CompanionsLabel)?.Split(',') ?? [],
        };
        return true;
    }

    /// <summary><see cref="Group"/>, of labels that need not be readable as a whole.</summary>
    public static string? GroupOf(IReadOnlyDictionary<string, string>? labels) => labels?.GetValueOrDefault(GroupLabel);

    /// <summary><see cref="Member"/>, of the same; there is none without a group.</summary>
    public static string? MemberOf(IReadOnlyDictionary<string, string>? labels) => GroupOf(labels) is null ? null : labels?.GetValueOrDefault(MemberLabel);

    /// <summary>The labels, as filters of a listing, that only the containers of a group have.</summary>
    public static string[] FiltersForGroup(string node, string group) => [$"{NodeLabel}={node}", $"{GroupLabel}={group}"];

    /// <summary>The labels, as filters of a listing, that only the containers under <paramref name="key"/> have.</summary>
    public static string[] FiltersFor(string node, InstanceKey key) =>
    [
        $"{NodeLabel}={node}",
        $"{ChallengeLabel}={key.Challenge}",
        $"{TokenLabel}={key.Token}",
        string.Create(CultureInfo.InvariantCulture, $"{IdentifierLabel}={key.Identifier}"),
    ];
}
