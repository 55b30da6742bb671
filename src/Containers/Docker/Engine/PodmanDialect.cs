using System.Net;
using System.Text.RegularExpressions;

namespace Instancer.Containers.Docker.Engine;

/// <summary>
/// How podman's service of the Docker Engine API (4.3, which says 1.41) departs from it, so that nobody else has to know. It names itself in a header
/// of its answers.
/// </summary>
internal static partial class PodmanDialect
{
    public const string VersionHeader = "Libpod-Api-Version";

    /// <summary>
    /// The names by which podman filters its events; to Docker they mean nothing. The events themselves bear Docker's name, but for a removal, which Docker
    /// calls <c>destroy</c>. Podman has none for a lack of memory.
    /// </summary>
    public static readonly string[] EventFilters = ["died", "remove"];

    // Under a read-only root podman mounts file systems here that are writable, without a bound, and whose files can be executed.
    private static readonly string[] WritableByDefault = ["/run", "/var/tmp"];

    /// <summary>The status that Docker has for what podman answers with 500, by podman's word for the cause; null for anything else.</summary>
    public static HttpStatusCode? StatusOf(string? cause) => cause switch
    {
        "that name is already in use" or "network already exists" => HttpStatusCode.Conflict,
        "network not found" => HttpStatusCode.NotFound,
        _ => null,
    };

    /// <summary>
    /// Whether podman failed to make a network because, while it looked through the host's interfaces for a range that is free, one of them went away. It
    /// may succeed at once.
    /// </summary>
    public static bool MissedAnInterface(EngineError error) => error.Mentions("no such network interface");

    /// <summary>
    /// Whether podman has started a container and failed afterwards because, when it looked for the process's cgroup, that had ended already. Docker has started it.
    /// </summary>
    public static bool MissedAProcess(EngineError error) => CgroupOfNobody().IsMatch(error.Message);

    /// <summary>The request by which podman makes the container that Docker would make of <paramref name="container"/>.</summary>
    public static CreateContainer Translated(CreateContainer container)
    {
        var host = container.HostConfig;
        var mounts = new Dictionary<string, string>(host.Tmpfs ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        foreach (var place in host.ReadonlyRootfs ? WritableByDefault : [])
        {
            mounts.TryAdd(place, "ro,nosuid,nodev,noexec,size=4096");
        }

        // Docker sets this by itself. It is the network's, and so for the container that the network belongs to.
        var sysctls = host.NetworkMode.StartsWith(ContainerNetwork.OfContainer, StringComparison.Ordinal)
            ? null
            : new Dictionary<string, string> { ["net.ipv4.ip_unprivileged_port_start"] = "0" };
        return container with { HostConfig = host with { Tmpfs = mounts, Sysctls = sysctls } };
    }

    [GeneratedRegex(@"/proc/\d+/cgroup: no such (process|file or directory)")]
    private static partial Regex CgroupOfNobody();
}
