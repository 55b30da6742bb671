using Instancer.Actors.Instances;

namespace Instancer.Containers.Docker;

/// <summary>What the docker runtime starts: a container of an image that is on the engine already; nothing is ever pulled.</summary>
public sealed record DockerTemplate : InstanceTemplate
{
    /// <summary>The default of <see cref="InstanceTemplate.Memory"/> here, in bytes: 256 MiB.</summary>
    public const long DefaultMemory = 256L << 20;

    private static readonly Dictionary<string, string> NoVariables = [];

    /// <summary>A template with the default limits.</summary>
    public DockerTemplate() => Memory = DefaultMemory;

    /// <summary>The image's name, as <c>docker images</c> shows it, or its id.</summary>
    public required string Image { get; init; }

    /// <summary>The TCP port that the server in the container listens on, 1 to 65535; unless <see cref="Address"/> is <see cref="DockerAddress.Namespace"/>, at an address that is not loopback.</summary>
    public required int ContainerPort { get; init; }

    /// <summary>How sessions reach the container. Default: <see cref="DockerAddress.Auto"/>.</summary>
    public DockerAddress Address { get; init; } = DockerAddress.Auto;

    /// <summary>
    /// Whether the container reaches what lies beyond the engine's host, as the host itself does; other instances it reaches in neither case.
    /// Default: false. With it the container is on a network whatever its address, and reaches the host's own services over it.
    /// </summary>
    public bool Egress { get; init; }

    /// <summary>How many processors' time the container may take, as 0.5; null for no limit, which lets one client slow all others. Default: 1.</summary>
    public double? Cpus { get; init; } = 1;

    /// <summary>How many processes and threads the container may have; null for no limit, which lets one client exhaust the host's. Default: 128.</summary>
    public long? Pids { get; init; } = 128;

    /// <summary>What the container is kept from. Default: all that a server can be expected to do without.</summary>
    public Hardening Hardening { get; init; } = new();

    /// <summary>Variables added to the image's environment. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = NoVariables;

    /// <summary>What is run in place of the image's command; null for the image's own. Default: null.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <inheritdoc/>
    public override string SpecHash => SpecDigest.Of(writer =>
    {
        writer.WriteString("runtime", "docker");
        writer.WriteString("image", Image);
        writer.WriteNumber("containerPort", ContainerPort);
        writer.WriteString("address", Address.ToString());
        writer.WriteBoolean("egress", Egress);
        writer.WriteOptional("memory", Memory);
        writer.WriteOptional("nanoCpus", NanoCpus);
        writer.WriteOptional("pids", Pids);
        writer.WriteMap("environment", Environment);
        writer.WriteString("flag", Flag?.ToString());
        writer.WriteList("command", Command);
        Hardening.WriteTo(writer);
    });

    /// <summary><see cref="Cpus"/> in the engine's unit, billionths of a processor.</summary>
    internal long? NanoCpus => Cpus is { } cpus ? (long)Math.Round(cpus * 1e9) : null;
}
