namespace Instancer.Gateway.Net;

/// <summary>Chooses the data path.</summary>
internal static class Transport
{
    /// <summary>The best that this system has.</summary>
    public static ITransport Create(TimeProvider time) =>
        OperatingSystem.IsLinux() ? new Linux.EpollTransport() : new Portable.SocketTransport(time);
}
