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

    private static readonly string[] DockerOptions = [ContainersReader.Option, "address", "egress", .. ContainerReader.Options];

    private static readonly ValueKind<DockerAddress> Address = ValueKinds.Choice(
        "an address",
        ("auto", DockerAddress.Auto), ("namespace", DockerAddress.Namespace), ("bridge", DockerAddress.Bridge), ("published", DockerAddress.Published));

    /// <summary>Stands for the template of a challenge whose runtime is not known.</summary>
    public static InstanceTemplate None { get; } = new ProcessTemplate { Command = [] };

    /// <summary>The template of a challenge; <see cref="None"/> if the runtime is neither.</summary>
    public static InstanceTemplate Read(string runtime, SectionReader section, long hostMemory)
    {
        var flag = FlagReader.Read(section);
        switch (runtime)
        {
            case Docker:
                section.Refuse(Only(Process), "workingDirectory");
                return ContainersReader.Read(section, flag, hostMemory) with
                {
                    Address = section.Value("address", DockerAddress.Auto, Address),
                    Egress = section.Value("egress", false, ValueKinds.Flag),
                };
            case Process:
                section.Refuse(Only(Docker), DockerOptions);
                return ReadProcess(section, flag, hostMemory);
            default:
                section.Ignore([.. DockerOptions, .. ContainerReader.AllOptions, "workingDirectory"]);
                return None;
        }
    }

    private static ProcessTemplate ReadProcess(SectionReader section, FlagTemplate? flag, long hostMemory)
    {
        var environment = section.Map("env");
        var template = new ProcessTemplate
        {
            Command = section.RequiredList("command"),
            Environment = environment,
            WorkingDirectory = section.TryValue("workingDirectory", ValueKinds.FilePath, out var directory) ? directory : null,
            Memory = section.ValueOrNone("memory", ValueKinds.Size(hostMemory)),
            Flag = flag,
        };
        return template with { FlagVariable = FlagReader.ReadVariable(section, flag, environment, template.FlagVariable) ?? template.FlagVariable };
    }

    private static string Only(string runtime) => $"only for the runtime {runtime}";
}
