using System.Globalization;

namespace Instancer.TestKit.Processes;

/// <summary>
/// The processes that come from a test's own, however far down: a variable in their environment says whose they are (Linux; elsewhere
/// none are seen).
/// </summary>
public static class MarkedProcesses
{
    /// <summary>The variable's name.</summary>
    public const string Variable = "INSTANCER_TESTS_OWNER";

    /// <summary>The processes of an owner that have not ended: id and command line.</summary>
    public static IReadOnlyDictionary<int, string> Of(string owner)
    {
        Dictionary<int, string> found = [];
        if (!OperatingSystem.IsLinux())
        {
            return found;
        }

        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && Read(pid, "environ").Split('\0').Contains($"{Variable}={owner}", StringComparer.Ordinal))
            {
                found[pid] = Read(pid, "cmdline").Replace('\0', ' ');
            }
        }

        return found;
    }

    private static string Read(int pid, string file)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{file}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is somebody else's.
            return "";
        }
    }
}
