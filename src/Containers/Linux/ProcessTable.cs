using System.Globalization;

namespace Instancer.Containers.Linux;

/// <summary>One process, as <c>/proc/PID/stat</c> shows it (format: proc(5)).</summary>
/// <param name="Id">The process id.</param>
/// <param name="State">A letter, of its first thread; Z and X are dead.</param>
/// <param name="Group">The id of its process group.</param>
/// <param name="Threads">How many threads it has.</param>
/// <param name="StartTime">When it started, in clock ticks since the system was booted.</param>
internal readonly record struct ProcessStat(int Id, char State, int Group, int Threads, long StartTime)
{
    /// <summary>Whether it is over. It holds its files, ports among them, until the last of its threads has ended, and the first may end before.</summary>
    public bool IsDead => State is 'X' or 'x' || (State == 'Z' && Threads <= 1);
}

/// <summary>Reads <c>/proc</c>. Everything is empty where there is none.</summary>
internal static class ProcessTable
{
    /// <summary>What names this boot of the system: process ids and start times mean something within one only. Empty if unknown.</summary>
    public static string BootId { get; } = ReadText("/proc/sys/kernel/random/boot_id")?.Trim() ?? "";

    public static ProcessStat? Find(int pid) =>
        ReadText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat")) is { } text && TryParse(text, out var stat) ? stat : null;

    /// <summary>The processes that are not dead.</summary>
    public static IEnumerable<ProcessStat> All() => !OperatingSystem.IsLinux()
        ? []
        : Directory.EnumerateDirectories("/proc")
            .Select(directory => int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? Find(pid) : null)
            .OfType<ProcessStat>()
            .Where(stat => !stat.IsDead);

    /// <summary>The processes of a group that are not dead.</summary>
    public static IEnumerable<ProcessStat> InGroup(int group) => All().Where(stat => stat.Group == group);

    /// <summary>Whether the environment that a process was started with has the variable with that very value; false if it cannot be read.</summary>
    public static bool HasVariable(int pid, string name, string value)
    {
        var environment = ReadText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/environ"));
        return environment is not null && environment.Split('\0').Contains($"{name}={value}", StringComparer.Ordinal);
    }

    /// <summary>Whether one of the processes has the socket open; null if the files of one of them cannot be seen, and no other has it.</summary>
    public static bool? HaveSocket(IEnumerable<ProcessStat> processes, long inode)
    {
        var link = string.Create(CultureInfo.InvariantCulture, $"socket:[{inode}]");
        var allSeen = true;
        foreach (var process in processes)
        {
            try
            {
                var files = Directory.GetFiles(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/fd"));
                if (Array.Exists(files, file => new FileInfo(file).LinkTarget == link))
                {
                    return true;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                allSeen &= e is DirectoryNotFoundException or FileNotFoundException;
            }
        }

        return allSeen ? false : null;
    }

    /// <summary>Reads the line of <c>/proc/PID/stat</c>. The command's name, in parentheses, may hold anything, blanks and parentheses too.</summary>
    public static bool TryParse(string text, out ProcessStat stat)
    {
        stat = default;
        var open = text.IndexOf(" (", StringComparison.Ordinal);
        var close = text.LastIndexOf(") ", StringComparison.Ordinal);
        if (open < 0 || close < open)
        {
            return false;
        }

        // Field 3 of the line, the state, comes first here: 5 is the group, 20 the number of threads, 22 the start time.
        var fields = text[(close + 2)..].Split(' ');
        if (fields.Length < 20
            || fields[0].Length != 1
            || !int.TryParse(text[..open], NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            || !int.TryParse(fields[2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var group)
            || !int.TryParse(fields[17], NumberStyles.None, CultureInfo.InvariantCulture, out var threads)
            || !long.TryParse(fields[19], NumberStyles.None, CultureInfo.InvariantCulture, out var startTime))
        {
            return false;
        }

        stat = new ProcessStat(pid, fields[0][0], group, threads, startTime);
        return true;
    }

    private static string? ReadText(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is somebody else's.
            return null;
        }
    }
}
