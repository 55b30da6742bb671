using System.Text.Json;
using Instancer.Actors.Instances;

namespace Instancer.Containers.Docker;

/// <summary>
/// What one container is made of: an image that is on the engine already (nothing is ever pulled), what it runs, and its limits. A companion is
/// no more than that; <see cref="DockerTemplate"/> is the container that sessions reach.
/// </summary>
public record ContainerTemplate : InstanceTemplate
{
    /// <summary>The default of <see cref="InstanceTemplate.Memory"/> here, in bytes: 256 MiB.</summary>
    public const long DefaultMemory = 256L << 20;

    private static readonly Dictionary<string, string> NoVariables = [];

    /// <summary>A template with the default limits.</summary>
    public ContainerTemplate() => Memory = DefaultMemory;

    /// <summary>The image's name, as <c>docker images</c> shows it, or its id.</summary>
    public required string Image { get; init; }

    /// <summary>How many processors' time the container may take, as 0.5; null for no limit, which lets one client slow all others. Default: 1.</summary>
    public double? Cpus { get; init; } = 1;

    /// <summary>How many processes and threads the container may have; null for no limit, which lets one client exhaust the host's. Default: 128.</summary>
    public long? Pids { get; init; } = 128;

    /// <summary>What the container is kept from. Default: all that a server can be expected to do without.</summary>
    public Hardening Hardening { get; init; } = new();

    /// <summary>Variables added to the image's environment. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = NoVariables;

    /// <summary>The environment variable in which the container gets the instance's flag, if there is one; null for a container that does not. Default: null.</summary>
    public string? FlagVariable { get; init; }

    /// <summary>
    /// The path of the file in which the container finds the instance's flag, as a line, if there is one; null for none. Whatever the image has there is hidden.
    /// Everybody in the container may read it, and nobody write. Default: null.
    /// </summary>
    public string? FlagFile { get; init; }

    /// <summary>What is run in place of the image's command; null for the image's own. Default: null.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <inheritdoc/>
    public override string SpecHash => SpecDigest.Of(WriteTo);

    /// <summary><see cref="Cpus"/> in the engine's unit, billionths of a processor.</summary>
    internal long? NanoCpus => Cpus is { } cpus ? (long)Math.Round(cpus * 1e9) : null;

    internal virtual void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteString("image", Image);
        writer.WriteOptional("memory", Memory);
        writer.WriteOptional("nanoCpus", NanoCpus);
        writer.WriteOptional("pids", Pids);
        writer.WriteMap("environment", Environment);
        writer.WriteString("flagVariable", FlagVariable);
        writer.WriteString("flagFile", FlagFile);
        writer.WriteList("command", Command);
        Hardening.WriteTo(writer);
    }
}
