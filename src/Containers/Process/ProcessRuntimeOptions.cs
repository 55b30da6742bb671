namespace Instancer.Containers.Process;

/// <summary>What the process runtime needs to know of the node.</summary>
public sealed record ProcessRuntimeOptions
{
    /// <summary>Where the records of running processes are kept, in the directory <c>processes</c>, readable by this user only. Two nodes need two.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>
    /// What the word <c>instancer</c> stands for. Default: the executable of this process; where that is the <c>dotnet</c> host,
    /// <c>dotnet</c> and the assembly that it was started with. Tests, whose process is the test host, name it themselves.
    /// </summary>
    public IReadOnlyList<string> SelfCommand { get; init; } = OwnCommand();

    private static string[] OwnCommand()
    {
        var executable = Environment.ProcessPath ?? ProcessTemplate.Self;
        var isHost = string.Equals(Path.GetFileNameWithoutExtension(executable), "dotnet", StringComparison.OrdinalIgnoreCase);
        return isHost && Environment.GetCommandLineArgs() is [{ Length: > 0 } assembly, ..]
            ? [executable, Path.GetFullPath(assembly)]
            : [executable];
    }
}
