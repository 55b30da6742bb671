namespace Instancer.Gateway.Net;

/// <summary>Chooses the data path.</summary>
internal static class Transport
{
    /// <summary>Why the best that this system has cannot dial from inside a container's network namespace, in one line; null if it can.</summary>
    public static string? NamespaceObstacle() => OperatingSystem.IsLinux() ? Linux.NamespaceThread.Obstacle() : "this is not Linux";

    /// <summary>The best that this system has.</summary>
    public static ITransport Create(TimeProvider time) =>
        OperatingSystem.IsLinux() ? new Linux.EpollTransport(time) : new Portable.SocketTransport(time);
}
