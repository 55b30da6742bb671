using Instancer.Actors.Reaping;

namespace Instancer.Gateway.Hosting;

/// <summary>
/// The host's memory: on Linux what the kernel says is available, or what is left below the tightest cgroup limit if that is less;
/// elsewhere what the garbage collector knows.
/// </summary>
internal sealed class HostMemoryProbe : IMemoryProbe
{
    private readonly string _root;

    /// <param name="root">The directory that stands for <c>/</c>; another one in tests.</param>
    public HostMemoryProbe(string root = "/")
    {
        _root = root;
    }

    /// <inheritdoc/>
    public MemoryReading Read()
    {
        if (Text("proc/meminfo") is not { } memInfo
            || MemoryFiles.MemInfo(memInfo, "MemTotal") is not { } total
            || MemoryFiles.MemInfo(memInfo, "MemAvailable") is not { } available)
        {
            var gc = GC.GetGCMemoryInfo();
            return new MemoryReading(
                Math.Max(0, gc.TotalAvailableMemoryBytes - gc.MemoryLoadBytes), gc.TotalAvailableMemoryBytes);
        }

        foreach (var (limit, left) in CgroupLimits())
        {
            total = Math.Min(total, limit);
            available = Math.Min(available, left);
        }

        return new MemoryReading(available, total);
    }

    // Every level up to the root limits this process. In a container the path may be one of the host's, which is not there: then
    // the root of what is mounted is the container's own.
    private IEnumerable<(long Limit, long Left)> CgroupLimits()
    {
        if (Text("proc/self/cgroup") is not { } text || MemoryFiles.Cgroup(text) is not { } cgroup)
        {
            yield break;
        }

        var mount = cgroup.IsV2 ? "sys/fs/cgroup" : "sys/fs/cgroup/memory";
        var (limitFile, usageFile, cache) = cgroup.IsV2
            ? ("memory.max", "memory.current", "inactive_file")
            : ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
        var path = cgroup.Path.Trim('/');
        while (true)
        {
            var directory = $"{mount}/{path}".TrimEnd('/');
            if (Text($"{directory}/{limitFile}") is { } limitText
                && MemoryFiles.Limit(limitText) is { } limit
                && MemoryFiles.Number(Text($"{directory}/{usageFile}")) is { } usage)
            {
                // Pages of files that nobody uses now are taken back before anybody is refused memory.
                var reclaimable = MemoryFiles.Stat(Text($"{directory}/memory.stat") ?? "", cache);
                yield return (limit, Math.Max(0, limit - Math.Max(0, usage - reclaimable)));
            }

            if (path.Length == 0)
            {
                yield break;
            }

            path = path[..Math.Max(0, path.LastIndexOf('/'))];
        }
    }

    private string? Text(string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(_root, path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
