using System.Globalization;

namespace Instancer.Gateway.Hosting;

/// <summary>Parsers of what Linux says of memory (proc(5), cgroups(7)).</summary>
internal static class MemoryFiles
{
    // cgroup v1 shows "no limit" as the largest number of whole pages.
    private const long NoLimit = long.MaxValue / 2;

    /// <summary>A field of <c>/proc/meminfo</c>, such as <c>MemAvailable</c>, in bytes; null if it is not there.</summary>
    public static long? MemInfo(string text, string field)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith(field, StringComparison.Ordinal) && line.AsSpan(field.Length).StartsWith(":"))
            {
                var value = line.AsSpan(field.Length + 1).Trim();
                var isKibibytes = value.EndsWith("kB", StringComparison.Ordinal);
                return Number(isKibibytes ? value[..^2] : value) * (isKibibytes ? 1024 : 1);
            }
        }

        return null;
    }

    /// <summary>A limit (<c>memory.max</c>, <c>memory.limit_in_bytes</c>) in bytes; null if there is none.</summary>
    public static long? Limit(string text) => Number(text) is { } limit and < NoLimit ? limit : null;

    /// <summary>A file that holds one number; null if it does not.</summary>
    public static long? Number(ReadOnlySpan<char> text) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A line of <c>memory.stat</c>, such as <c>inactive_file</c>, in bytes; 0 if it is not there.</summary>
    public static long Stat(string text, string name)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith(name, StringComparison.Ordinal) && line.AsSpan(name.Length).StartsWith(" "))
            {
                return Number(line.AsSpan(name.Length)) ?? 0;
            }
        }

        return 0;
    }

    /// <summary>The path of this process's cgroup from <c>/proc/self/cgroup</c>: v1's memory hierarchy if it has one, else v2's; null if neither.</summary>
    public static (string Path, bool IsV2)? Cgroup(string text)
    {
        (string, bool)? found = null;
        foreach (var line in text.Split('\n'))
        {
            if (line.Split(':', 3) is not [_, var controllers, var path])
            {
                continue;
            }

            if (controllers.Split(',').Contains("memory"))
            {
                return (path.Trim(), false);
            }

            if (controllers.Length == 0)
            {
                found = (path.Trim(), true);
            }
        }

        return found;
    }
}
