using System.Text.Json.Serialization;

namespace Instancer.Containers.Docker.Engine;

// The parts of the Docker Engine API (1.41 to 1.52) that are used, under the API's own names.

/// <param name="Message">What the engine says.</param>
/// <param name="Cause">Podman's own: what kind of failure it is.</param>
internal sealed record ErrorMessage(string? Message, string? Cause);

internal sealed record EngineVersion(string? Version, string? Os, string? Arch);

/// <param name="Name">The name of its host.</param>
/// <param name="Runtimes">The container runtimes that it is configured with.</param>
/// <param name="DefaultRuntime">The one that containers get unless they ask for another.</param>
/// <param name="Rootless">Podman's own: whether it runs as another user than root, and its networks are not the host's.</param>
internal sealed record EngineInfo(string? Name, IReadOnlyDictionary<string, Empty>? Runtimes, string? DefaultRuntime, bool Rootless = false);

internal sealed record CreateContainer
{
    public required string Image { get; init; }
    public IReadOnlyList<string>? Cmd { get; init; }
    public IReadOnlyList<string>? Env { get; init; }
    public string? User { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public IReadOnlyDictionary<string, Empty>? ExposedPorts { get; init; }
    public required HostConfig HostConfig { get; init; }
}

internal sealed record HostConfig
{
    public required string NetworkMode { get; init; }
    public IReadOnlyList<string>? ExtraHosts { get; init; }
    public IReadOnlyDictionary<string, IReadOnlyList<PortBinding>>? PortBindings { get; init; }
    public long? Memory { get; init; }
    public long? MemorySwap { get; init; }
    public long? NanoCpus { get; init; }
    public long? PidsLimit { get; init; }
    public IReadOnlyList<Ulimit>? Ulimits { get; init; }
    public bool ReadonlyRootfs { get; init; }
    public IReadOnlyDictionary<string, string>? Tmpfs { get; init; }
    public IReadOnlyList<Mount>? Mounts { get; init; }
    public IReadOnlyList<string>? CapDrop { get; init; }
    public IReadOnlyList<string>? CapAdd { get; init; }
    public IReadOnlyList<string>? SecurityOpt { get; init; }
    public IReadOnlyDictionary<string, string>? Sysctls { get; init; }
    public bool Init { get; init; }
    public string? Runtime { get; init; }
    public RestartPolicy? RestartPolicy { get; init; }
    public LogConfig? LogConfig { get; init; }
}

internal sealed record PortBinding(string HostIp, string HostPort);

internal sealed record Ulimit(string Name, long Soft, long Hard);

// Type: "volume", with its name as the source, or "bind", with a path of the engine's host.
internal sealed record Mount(string Type, string Source, string Target, bool ReadOnly);

internal sealed record CreateVolume(string Name, IReadOnlyDictionary<string, string> Labels);

// Mountpoint: where the engine's host has it.
internal sealed record Volume(string Name, string? Mountpoint);

internal sealed record VolumeList(IReadOnlyList<Volume>? Volumes);

internal sealed record RestartPolicy(string Name);

internal sealed record LogConfig(string Type, IReadOnlyDictionary<string, string> Config);

internal sealed record Empty;

internal sealed record Created(string Id);

internal sealed record Image(string? Id, ImageConfig? Config);

internal sealed record ImageConfig(string? User, IReadOnlyDictionary<string, Empty>? Volumes);

internal sealed record Container
{
    public required string Id { get; init; }
    public string? Name { get; init; }

    /// <summary>The id of the image that it was made of.</summary>
    public string? Image { get; init; }

    public required ContainerState State { get; init; }
    public ContainerConfig? Config { get; init; }
    public UsedRuntime? HostConfig { get; init; }
    public NetworkSettings? NetworkSettings { get; init; }
}

/// <param name="Runtime">The container runtime; the engine fills its default in.</param>
internal sealed record UsedRuntime(string? Runtime);

/// <summary>An inspection by podman's own API.</summary>
internal sealed record PodmanContainer([property: JsonPropertyName("OCIRuntime")] string? OciRuntime);

internal sealed record ContainerState
{
    public string? Status { get; init; }
    public bool Running { get; init; }
    public bool Paused { get; init; }
    public bool OOMKilled { get; init; }
    public int Pid { get; init; }
    public int ExitCode { get; init; }

    /// <summary>What the image's own health check says; null if it has none.</summary>
    public Health? Health { get; init; }

    /// <summary>Whether it ran and does not any more; one that was made and not yet started has not.</summary>
    [JsonIgnore]
    public bool HasEnded => !Running && EndedStates.Contains(Status);

    public static readonly string[] EndedStates = ["exited", "dead", "removing", "stopped"];
}

/// <param name="Status"><c>starting</c>, <c>healthy</c> or <c>unhealthy</c>; <c>none</c> or empty if there is no health check.</param>
/// <param name="Log">Its last results, the latest last.</param>
internal sealed record Health(string? Status, IReadOnlyList<HealthCheckResult>? Log);

internal sealed record HealthCheckResult(int ExitCode, string? Output);

internal sealed record ContainerConfig(IReadOnlyDictionary<string, string>? Labels, bool Tty);

internal sealed record NetworkSettings(IReadOnlyDictionary<string, EndpointSettings>? Networks);

internal sealed record EndpointSettings(string? IPAddress);

internal sealed record ListedContainer
{
    public required string Id { get; init; }
    public IReadOnlyList<string>? Names { get; init; }
    public string? State { get; init; }
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
    public NetworkSettings? NetworkSettings { get; init; }
}

internal sealed record CreateNetwork
{
    public required string Name { get; init; }
    public bool CheckDuplicate { get; init; } = true;
    public string Driver { get; init; } = "bridge";
    public required bool Internal { get; init; }
    public required IReadOnlyDictionary<string, string> Options { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
}

internal sealed record Network
{
    public IReadOnlyDictionary<string, string>? Options { get; init; }
    public required string Id { get; init; }
    public string? Name { get; init; }
    public bool Internal { get; init; }
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
    [JsonPropertyName("IPAM")]
    public Ipam? Ipam { get; init; }

    /// <summary>Those on it that run, by id; only an inspection shows them.</summary>
    public IReadOnlyDictionary<string, NetworkMember>? Containers { get; init; }
}

/// <param name="IPv4Address">With the length of the prefix behind it.</param>
internal sealed record NetworkMember(string? IPv4Address);

internal sealed record ConnectContainer(string Container);

internal sealed record Ipam(IReadOnlyList<IpamConfig>? Config);

internal sealed record IpamConfig(string? Subnet, string? Gateway);

internal sealed record EngineEvent
{
    public string? Action { get; init; }
    public EventActor? Actor { get; init; }
}

internal sealed record EventActor
{
    [JsonPropertyName("ID")]
    public string? Id { get; init; }
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(ErrorMessage))]
[JsonSerializable(typeof(EngineVersion))]
[JsonSerializable(typeof(EngineInfo))]
[JsonSerializable(typeof(CreateContainer))]
[JsonSerializable(typeof(Created))]
[JsonSerializable(typeof(Image))]
[JsonSerializable(typeof(Container))]
[JsonSerializable(typeof(PodmanContainer))]
[JsonSerializable(typeof(List<ListedContainer>))]
[JsonSerializable(typeof(CreateVolume))]
[JsonSerializable(typeof(Volume))]
[JsonSerializable(typeof(VolumeList))]
[JsonSerializable(typeof(CreateNetwork))]
[JsonSerializable(typeof(Network))]
[JsonSerializable(typeof(List<Network>))]
[JsonSerializable(typeof(ConnectContainer))]
[JsonSerializable(typeof(EngineEvent))]
[JsonSerializable(typeof(Dictionary<string, string[]>))]
internal sealed partial class EngineJson : JsonSerializerContext;
