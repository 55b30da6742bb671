using System.Globalization;
using System.Net.Sockets;

namespace Instancer.Containers.Linux;

/// <summary>
/// Finds out whether an engine runs on this host, and shows its processes under the numbers that it gives them. It does if the process that
/// listens at its socket is of this process's own process namespace, which leaves out an engine or a gateway in a container; and if
/// the engine gives its host this one's name, which leaves out whoever passes a socket on to an engine in a virtual machine or far away.
/// </summary>
internal static class EngineHost
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const int CredentialsLength = 12;

    /// <summary>Why it does not, in one line; null if it does. For Linux only.</summary>
    /// <param name="socketPath">The engine's socket.</param>
    /// <param name="engineHost">The name that the engine gives its host.</param>
    public static string? Obstacle(string socketPath, string? engineHost)
    {
        try
        {
            var host = File.ReadAllText("/proc/sys/kernel/hostname").Trim();
            if (host != engineHost)
            {
                return $"the engine is on the host {OneLine.Of(engineHost ?? "(without a name)")}, and this one is {host}";
            }

            var listener = ListenerOf(socketPath);
            // 0: a process that this process namespace does not have.
            return listener != 0 && ProcessNamespaceOf(listener) == ProcessNamespaceOf(Environment.ProcessId)
                ? null
                : "the engine's processes are not seen from here";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            return $"the engine's process cannot be looked at: {e.Message}";
        }
    }

    private static int ListenerOf(string socketPath)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        Span<byte> credentials = stackalloc byte[CredentialsLength];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return BitConverter.ToInt32(credentials);
    }

    // A link as pid:[4026531836].
    private static string ProcessNamespaceOf(int pid)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/pid");
        return new FileInfo(path).LinkTarget ?? throw new IOException($"{path} is no link");
    }
}
