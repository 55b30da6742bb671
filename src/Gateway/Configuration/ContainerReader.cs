using Instancer.Actors.Instances;
using Instancer.Containers.Docker;

namespace Instancer.Gateway.Configuration;

/// <summary>Reads what one container of a challenge is made of, from whichever section says it.</summary>
/// <param name="flag">What the challenge's flags look like; null if it has none.</param>
/// <param name="hostMemory">The host's memory in bytes.</param>
internal sealed class ContainerReader(FlagTemplate? flag, long hostMemory)
{
    private const string Port = "containerPort";

    // The engine refuses less: "Minimum memory limit allowed is 6MB" (moby, daemon/daemon_unix.go, linuxMinMemory).
    private const long LeastMemory = 6L << 20;

    private static readonly ValueKind<string> Image = new(
        "an image", "an image's name, such as instancer/sample:latest", (string text, out string value) =>
        {
            value = text;
            return text.Length > 0 && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c));
        });

    /// <summary>The options of a container that no process has.</summary>
    public static IReadOnlyList<string> Options { get; } = ["image", Port, "cpus", "pids", FlagReader.FileOption, .. HardeningReader.Options];

    /// <summary>All options of a container.</summary>
    public static IReadOnlyList<string> AllOptions { get; } = [.. Options, "command", "env", "flagVariable", "memory"];

    /// <summary>Whether the container is one that sessions reach.</summary>
    public static bool IsFront(SectionReader section) => !section.IsMissing(Port);

    /// <summary>The container that sessions reach.</summary>
    public DockerTemplate ReadFront(SectionReader section)
    {
        var defaults = new DockerTemplate { Image = "", ContainerPort = 0 };
        return (DockerTemplate)Filled(defaults, section) with { ContainerPort = section.Required(Port, ValueKinds.Port), Flag = flag };
    }

    /// <summary>Another one.</summary>
    public ContainerTemplate ReadCompanion(SectionReader section) => Filled(new ContainerTemplate { Image = "" }, section);

    private ContainerTemplate Filled(ContainerTemplate defaults, SectionReader section)
    {
        var environment = section.Map("env");
        var flagFile = FlagReader.ReadFile(section, flag);
        return defaults with
        {
            Image = section.Required("image", Image) ?? "",
            Memory = section.ValueOrNone("memory", defaults.Memory, ValueKinds.Size(hostMemory, LeastMemory, "6MiB (the engine's own minimum)")),
            Cpus = section.ValueOrNone("cpus", defaults.Cpus, ValueKinds.Cpus),
            Pids = section.ValueOrNone("pids", (int?)defaults.Pids, ValueKinds.Count(1, 4_194_304)),
            Environment = environment,
            FlagFile = flagFile,
            FlagVariable = FlagReader.ReadVariable(section, flag, environment, flagFile is null ? defaults.FlagVariable : null),
            Command = section.List("command") is { Count: > 0 } words ? words : null,
            Hardening = HardeningReader.Read(section, hostMemory),
        };
    }
}
