using System.Globalization;

namespace Instancer.Containers.Linux;

/// <summary>
/// What this process's own files tell of the container that it runs in. Engines mount files of their own into each container, from a directory that is named
/// after the container. The host name and the cgroup tell less: the one is the operator's to choose, the other is often hidden.
/// </summary>
internal static class OwnContainer
{
    private const int IdLength = 64;

    private static readonly string[] EnginesFiles = ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"];

    /// <summary>The id of the container that this process seems to run in; null if in none. Whether an engine knows it, is for that engine to say.</summary>
    public static string? Id()
    {
        try
        {
            return OperatingSystem.IsLinux() ? IdIn(File.ReadAllText("/proc/self/mountinfo")) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// The id in the text of a <c>mountinfo</c> (format: the kernel's Documentation/filesystems/proc.rst); null if there is none, or more than one.
    /// </summary>
    public static string? IdIn(string mountInfo)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in mountInfo.Split('\n'))
        {
            // number, parent's number, device, the mounted directory or file, where it is mounted, ...
            if (line.Split(' ') is [_, _, _, var mounted, var at, ..] && EnginesFiles.Contains(at))
            {
                ids.UnionWith(mounted.Split('/').Where(IsId));
            }
        }

        return ids.Count == 1 ? ids.Single() : null;
    }

    /// <summary>
    /// Whether the process <paramref name="pid"/>, as this process sees it, is of the same container: they share what is mounted. Tells whether an engine's numbers
    /// are this process's too.
    /// </summary>
    public static bool Has(int pid)
    {
        try
        {
            return pid > 0 && MountsOf(pid.ToString(CultureInfo.InvariantCulture)) is { } mounts && mounts == MountsOf("self");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // A link as mnt:[4026531841].
    private static string? MountsOf(string process) => new FileInfo($"/proc/{process}/ns/mnt").LinkTarget;

    private static bool IsId(string text) => text.Length == IdLength && text.All(char.IsAsciiHexDigitLower);
}
