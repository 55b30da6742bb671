using System.Globalization;
using Instancer.Actors.Instances;

namespace Instancer.Gateway.Net.Linux;

/// <summary>
/// Opens a container's network namespace, and never another one. A process id alone does not do: its process may have ended, and the number be
/// another's. The directory of a process in /proc, once open, stays that very process's: whatever is opened through it is that process's, or
/// fails when that process has ended. So what tells that it is one of the container's, and the namespace, are of one and the same process.
/// </summary>
internal static class ContainerNetwork
{
    /// <summary>The network namespace of this process.</summary>
    public const string OfThisProcess = "/proc/self/ns/net";

    /// <summary>The namespace that <paramref name="address"/> names; null, with the reason in one line, if the container has ended.</summary>
    public static FileHandle? Open(NamespaceBackendAddress address, out string reason)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{address.ProcessId}");
        using var process = FileHandle.Open(path, Libc.PathOnly, out var errno);
        if (process is null)
        {
            reason = errno == Errno.NoSuchFile ? "it has ended" : $"{path}: {errno.ToMessage()}";
            return null;
        }

        var opened = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{process.Number}");
        if (!IsOf(address.ContainerId, opened, out reason))
        {
            return null;
        }

        var network = FileHandle.Open($"{opened}/ns/net", Libc.ReadOnly, out errno);
        reason = network is not null ? ""
            : errno is Errno.NoSuchFile or Errno.NoSuchProcess ? "it has ended"
            : $"{path}/ns/net: {errno.ToMessage()}";
        return network;
    }

    private static bool IsOf(string containerId, string process, out string reason)
    {
        try
        {
            // The engine names a container's cgroup after the container.
            var isOf = File.ReadAllText($"{process}/cgroup").Contains(containerId, StringComparison.Ordinal);
            reason = isOf ? "" : "it has ended, and its process's number is another's";
            return isOf;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reason = $"its process cannot be looked at any more: {e.Message}";
            return false;
        }
    }
}
