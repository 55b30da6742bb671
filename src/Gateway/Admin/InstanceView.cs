using System.Text.Json;
using System.Text.Json.Serialization;
using Instancer.Actors.Instances;

namespace Instancer.Gateway.Admin;

/// <summary>An instance, as the admin endpoint shows it.</summary>
internal sealed record InstanceView
{
    /// <summary>Challenge, token hash and identifier, with a slash between them.</summary>
    public required string Key { get; init; }

    /// <summary>The name of the node that has it.</summary>
    public required string Node { get; init; }

    /// <summary>The client's name, if it connected since the node started.</summary>
    public string? Client { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required InstanceState State { get; init; }

    /// <summary>How many sessions it serves.</summary>
    public int Sessions { get; init; }

    /// <summary>How many connections wait for it.</summary>
    public int Waiting { get; init; }

    /// <summary>When its backend was started.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When its last session ended.</summary>
    public DateTimeOffset? IdleSince { get; init; }

    /// <summary>When its time to live ends.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Where sessions dial.</summary>
    public string? Address { get; init; }

    /// <summary>Its memory limit in bytes.</summary>
    public long? Memory { get; init; }

    /// <summary>Why the latest start or stop failed.</summary>
    public string? LastFailure { get; init; }

    /// <summary>What is shown of an instance.</summary>
    public static InstanceView Of(string node, InstanceInfo info) => new()
    {
        Key = info.Key.ToString(),
        Node = node,
        Client = info.Client,
        State = info.State,
        Sessions = info.Sessions,
        Waiting = info.Waiting,
        CreatedAt = info.CreatedAt,
        IdleSince = info.IdleSince,
        ExpiresAt = info.ExpiresAt,
        Address = info.Address?.ToString(),
        Memory = info.Memory,
        LastFailure = info.LastFailure,
    };
}

/// <summary>Why a request was refused.</summary>
/// <param name="Error">In one line.</param>
internal sealed record AdminError(string Error);

/// <summary>What an extension led to.</summary>
/// <param name="ExpiresAt">The new end of the instance's time to live.</param>
internal sealed record AdminExtended(DateTimeOffset ExpiresAt);

/// <summary>What a stop led to.</summary>
/// <param name="Stopped">The key of the instance that is gone.</param>
internal sealed record AdminStopped(string Stopped);

/// <summary>What a drain begins with.</summary>
/// <param name="Draining">The name of the node that stops.</param>
internal sealed record AdminDraining(string Draining);

/// <summary>The endpoint's JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(InstanceStateConverter), typeof(BanCauseConverter)], WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<InstanceView>))]
[JsonSerializable(typeof(AdminError))]
[JsonSerializable(typeof(AdminExtended))]
[JsonSerializable(typeof(AdminStopped))]
[JsonSerializable(typeof(AdminDraining))]
[JsonSerializable(typeof(IReadOnlyList<NodeView>))]
[JsonSerializable(typeof(FlagView))]
[JsonSerializable(typeof(BanView))]
[JsonSerializable(typeof(IReadOnlyList<BanView>))]
[JsonSerializable(typeof(AdminBanLifted))]
internal sealed partial class AdminJson : JsonSerializerContext;

/// <summary>States as the words that lists use: <c>idle</c>.</summary>
internal sealed class InstanceStateConverter() : JsonStringEnumConverter<InstanceState>(JsonNamingPolicy.CamelCase);
