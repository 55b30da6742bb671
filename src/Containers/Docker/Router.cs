namespace Instancer.Containers.Docker;

/// <summary>
/// Whether the gateway's container would carry packets from one instance's network to another's, as the kernel does by default in each container of a host that
/// has containers. An instance cannot ask it to without a capability: it has no route that leads there.
/// </summary>
internal static class Router
{
    private static readonly string[] Dangerous = ["NET_ADMIN", "NET_RAW", "SYS_ADMIN"];

    /// <summary>Why instances of the template may not be beside the gateway in networks that it joined, in one line; null if they may.</summary>
    public static string? Obstacle(DockerTemplate template) => Obstacle(template, IsForwarding());

    /// <summary>The same, with what is to be known of the gateway's container.</summary>
    public static string? Obstacle(DockerTemplate template, bool isForwarding) =>
        isForwarding && template.Containers.SelectMany(one => one.Container.Hardening.Capabilities).FirstOrDefault(Dangerous.Contains) is { } capability
        ? $"with the capability {capability} it could reach other instances through the gateway's container; start that with the sysctl net.ipv4.ip_forward=0, or use the address \"published\""
        : null;

    private static bool IsForwarding()
    {
        try
        {
            return File.ReadAllText("/proc/sys/net/ipv4/ip_forward").Trim() != "0";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }
}
