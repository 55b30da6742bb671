using Instancer.TestKit.Docker;

namespace Instancer.EndToEnd.Cluster;

/// <summary>A test that needs hosts of its own: root on Linux, dockerd, etcd, network namespaces. Skipped, with the reason, where one is missing; in CI it fails instead.</summary>
public sealed class HostsFactAttribute : FactAttribute
{
    private static readonly string[] Programs = ["dockerd", "etcd", "ip", "iptables", "nsenter", "unshare", "busybox"];

    public HostsFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("CI") != "true" && Obstacle is { } obstacle)
        {
            Skip = $"Needs hosts of its own: {obstacle}.";
        }
    }

    /// <summary>Why there can be no hosts here; null if there can.</summary>
    public static string? Obstacle =>
        !OperatingSystem.IsLinux() ? "they are Linux's network namespaces"
        : !Environment.IsPrivilegedProcess ? "network namespaces need root"
        : Array.Find(Programs, program => DockerDaemon.OnPath(program) is null) is { } missing
        ? $"there is no {missing} on the PATH"
        : null;
}
