using System.Globalization;

namespace Instancer.Containers.Process;

/// <summary>Fills a template's command in, and finds its executable.</summary>
internal static class CommandLine
{
    /// <summary>The words to run, the first one being a path; or why there is none.</summary>
    public static (IReadOnlyList<string>? Words, string? Reason) Resolve(ProcessTemplate template, IReadOnlyList<string> self, int port)
    {
        if (template.Command is not [{ Length: > 0 }, ..])
        {
            return (null, "the command is empty");
        }

        if (template.WorkingDirectory is { } directory && !Directory.Exists(directory))
        {
            return (null, $"the working directory {OneLine.Of(directory)} does not exist");
        }

        string[] words = template.Command[0] == ProcessTemplate.Self ? [.. self, .. template.Command.Skip(1)] : [.. template.Command];
        words = [.. words.Select(word => Fill(word, port))];
        var (path, reason) = Find(words[0], template.WorkingDirectory);
        return path is null ? (null, reason) : ([path, .. words[1..]], null);
    }

    public static string Fill(string text, int port) =>
        text.Replace(ProcessTemplate.PortPlaceholder, port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static (string? Path, string? Reason) Find(string command, string? workingDirectory)
    {
        var hasDirectory = command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal)
            || command.Contains(Path.AltDirectorySeparatorChar, StringComparison.Ordinal);
        var candidates = hasDirectory
            ? [Path.GetFullPath(command, Path.GetFullPath(workingDirectory ?? "."))]
            : (Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                .Select(directory => Path.GetFullPath(Path.Combine(directory, command)));
        var files = candidates.SelectMany(WithExtensions).Where(File.Exists).ToList();
        return files.Find(IsExecutable) is { } path ? (path, null)
            : files.Count > 0 ? (null, $"the command {OneLine.Of(command)} is not executable")
            : (null, $"there is no command {OneLine.Of(command)}");
    }

    private static string[] WithExtensions(string path) => OperatingSystem.IsWindows() ? [path, path + ".exe"] : [path];

    private static bool IsExecutable(string path)
    {
        const UnixFileMode anyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & anyExecute) != 0;
    }
}
