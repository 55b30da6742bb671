namespace Instancer.Containers.Docker;

/// <summary>
/// Which container runtimes run containers on the host's own kernel. Others, such as runsc and Kata, have a network stack of their own inside: the
/// kernel's tables show none of their sockets, and no loopback of theirs can be dialled from here.
/// </summary>
internal static class HostKernel
{
    private static readonly string[] Known = ["runc", "crun", "youki", "io.containerd.runc.v2"];

    /// <summary>Whether containers of the runtime are; null is the engine's default, which its own description tells.</summary>
    public static bool Runs(string? containerRuntime) => string.IsNullOrEmpty(containerRuntime) || Known.Contains(containerRuntime, StringComparer.Ordinal);
}
