using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.Containers.Process;

namespace Instancer.Gateway.Configuration;

/// <summary>Reads the part of a challenge that depends on its runtime.</summary>
internal static class TemplateReader
{
    /// <summary>The name of the runtime that talks to a container engine.</summary>
    public const string Docker = "docker";

    /// <summary>The name of the runtime that starts local commands.</summary>
    public const string Process = "process";

    // The engine refuses less: "Minimum memory limit allowed is 6MB" (moby, daemon/daemon_unix.go, linuxMinMemory).
    private const long LeastMemory = 6L << 20;

    private static readonly string[] DockerOptions = ["image", "containerPort", "address", "egress", "cpus", "pids", .. HardeningReader.Options];

    private static readonly ValueKind<DockerAddress> Address = ValueKinds.Choice(
        "an address",
        ("auto", DockerAddress.Auto), ("namespace", DockerAddress.Namespace), ("bridge", DockerAddress.Bridge), ("published", DockerAddress.Published));

    private static readonly ValueKind<string> Image = new(
        "an image", "an image's name, such as instancer/sample:latest", (string text, out string value) =>
        {
            value = text;
            return text.Length > 0 && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c));
        });

    /// <summary>Stands for the template of a challenge whose runtime is not known.</summary>
    public static InstanceTemplate None { get; } = new ProcessTemplate { Command = [] };

    /// <summary>The template of a challenge; <see cref="None"/> if the runtime is neither.</summary>
    public static InstanceTemplate Read(string runtime, SectionReader section, long hostMemory)
    {
        var memory = ReadMemory(runtime, section, hostMemory);
        var environment = section.Map("env");
        var flag = FlagReader.Read(section, environment);
        switch (runtime)
        {
            case Docker:
                section.Refuse(Only(Process), "workingDirectory");
                return ReadDocker(section, environment) with
                {
                    Memory = memory, Flag = flag, Hardening = HardeningReader.Read(section, hostMemory),
                };
            case Process:
                section.Refuse(Only(Docker), DockerOptions);
                return ReadProcess(section, environment) with { Memory = memory, Flag = flag };
            default:
                section.Ignore([.. DockerOptions, "command", "workingDirectory"]);
                return None;
        }
    }

    private static DockerTemplate ReadDocker(SectionReader section, IReadOnlyDictionary<string, string> environment) => new()
    {
        Image = section.Required("image", Image) ?? "",
        ContainerPort = section.Required("containerPort", ValueKinds.Port),
        Address = section.Value("address", DockerAddress.Auto, Address),
        Egress = section.Value("egress", false, ValueKinds.Flag),
        Cpus = section.ValueOrNone("cpus", 1, ValueKinds.Cpus),
        Pids = section.ValueOrNone("pids", 128, ValueKinds.Count(1, 4_194_304)),
        Environment = environment,
        Command = section.List("command") is { Count: > 0 } words ? words : null,
    };

    private static ProcessTemplate ReadProcess(SectionReader section, IReadOnlyDictionary<string, string> environment) => new()
    {
        Command = section.RequiredList("command"),
        Environment = environment,
        WorkingDirectory = section.TryValue("workingDirectory", ValueKinds.FilePath, out var directory) ? directory : null,
    };

    private static string Only(string runtime) => $"only for the runtime {runtime}";

    private static long? ReadMemory(string runtime, SectionReader section, long hostMemory) => runtime == Docker
        ? section.ValueOrNone("memory", DockerTemplate.DefaultMemory, ValueKinds.Size(hostMemory, LeastMemory, "6MiB (the engine's own minimum)"))
        : section.ValueOrNone("memory", ValueKinds.Size(hostMemory));
}
