using System.Text.Json;

namespace Instancer.Containers.Docker;

/// <summary>
/// What the docker runtime starts: the container that sessions reach and, if it has any, its companions. All of them are one
/// instance: they share one network namespace, are started and removed together, and the end of one is the end of all.
/// </summary>
public sealed record DockerTemplate : ContainerTemplate
{
    private static readonly Dictionary<string, ContainerTemplate> NoCompanions = [];

    /// <summary>A template with the default limits.</summary>
    public DockerTemplate() => FlagVariable = "FLAG";

    /// <summary>The TCP port that the server in the container listens on, 1 to 65535; unless <see cref="Address"/> is <see cref="DockerAddress.Namespace"/>, at an address that is not loopback.</summary>
    public required int ContainerPort { get; init; }

    /// <summary>How sessions reach the container. Default: <see cref="DockerAddress.Auto"/>.</summary>
    public DockerAddress Address { get; init; } = DockerAddress.Auto;

    /// <summary>
    /// Whether the container reaches what lies beyond the engine's host, as the host itself does; other instances it reaches in neither case.
    /// Default: false. With it the container is on a network whatever its address, and reaches the host's own services over it.
    /// </summary>
    public bool Egress { get; init; }

    /// <summary>By what name the companions reach this container; null if there are none to do so. Default: null.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// The other containers, by the names that all of them reach each other by. They are started first, in the order of their names, and this one when all of
    /// them run and the health checks of those that have one have passed. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, ContainerTemplate> Companions { get; init; } = NoCompanions;

    /// <summary>All containers with their names, in the order of their start: this one, which has none if it is alone, is the last.</summary>
    public IEnumerable<(string? Name, ContainerTemplate Container)> Containers => Companions
        .OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .Select(pair => ((string?)pair.Key, pair.Value))
        .Append((Name, this));

    /// <summary>The memory limits of all containers together; null if one of them has none.</summary>
    public override long? TotalMemory => Companions.Values.Aggregate(Memory, (sum, companion) => sum + companion.Memory);

    internal override void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteString("runtime", "docker");
        writer.WriteNumber("containerPort", ContainerPort);
        writer.WriteString("address", Address.ToString());
        writer.WriteBoolean("egress", Egress);
        writer.WriteString("flag", Flag?.Text);
        writer.WriteString("name", Name);
        base.WriteTo(writer);
        foreach (var (name, companion) in Companions.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            writer.WriteStartObject("companion " + name);
            companion.WriteTo(writer);
            writer.WriteEndObject();
        }
    }
}
