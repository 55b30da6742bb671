using Instancer.Actors.Instances;

namespace Instancer.Containers.Process;

/// <summary>
/// What the process runtime starts: a local command that listens on a port it is told. <see cref="InstanceTemplate.Memory"/> is counted
/// against the memory budget and not enforced.
/// </summary>
public sealed record ProcessTemplate : InstanceTemplate
{
    /// <summary>The word that stands for the instance's port, wherever it occurs in an argument or a variable.</summary>
    public const string PortPlaceholder = "{port}";

    /// <summary>The first word that means this very executable.</summary>
    public const string Self = "instancer";

    private static readonly Dictionary<string, string> NoVariables = [];

    /// <summary>
    /// The command and its arguments, at least one word; no shell reads it. <c>{port}</c> stands for the port to listen on at 127.0.0.1, and
    /// <c>instancer</c> as the first word for this very executable.
    /// </summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Variables added to this process' own environment; <c>{port}</c> stands for the port. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = NoVariables;

    /// <summary>The environment variable in which the command gets the instance's flag, if there is one. Default: <c>FLAG</c>.</summary>
    public string FlagVariable { get; init; } = "FLAG";

    /// <summary>Where the command is run; null for where this process runs. Default: null.</summary>
    public string? WorkingDirectory { get; init; }

    /// <inheritdoc/>
    public override string SpecHash => SpecDigest.Of(writer =>
    {
        writer.WriteString("runtime", "process");
        writer.WriteList("command", Command);
        writer.WriteMap("environment", Environment);
        writer.WriteString("workingDirectory", WorkingDirectory);
        writer.WriteOptional("memory", Memory);
        writer.WriteString("flag", Flag?.Text);
        writer.WriteString("flagVariable", FlagVariable);
    });
}
