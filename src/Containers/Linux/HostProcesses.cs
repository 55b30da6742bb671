using System.Globalization;

namespace Instancer.Containers.Linux;

/// <summary>What <c>/proc</c> tells about a container's processes, if it is this host's.</summary>
internal static class HostProcesses
{
    /// <summary>
    /// Whether the process <paramref name="pid"/> that this host shows is one of the container's: its cgroup is named after the container.
    /// It is not where the engine is elsewhere, or this process is in a process namespace of its own and the number means somebody else.
    /// </summary>
    public static bool BelongsTo(int pid, string containerId)
    {
        if (pid <= 0 || !OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            var cgroups = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cgroup"));
            return cgroups.Contains(containerId, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
