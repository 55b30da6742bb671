using System.Net.Sockets;
using Instancer.Containers.Linux;

namespace Instancer.Containers.Tests.Linux;

public sealed class EngineHostTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"engine-host-{Guid.NewGuid():N}.sock");
    private readonly Socket _engine = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private static string ThisHost => File.ReadAllText("/proc/sys/kernel/hostname").Trim();

    public void Dispose()
    {
        _engine.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public void An_engine_that_listens_here_is_here()
    {
        if (OperatingSystem.IsLinux())
        {
            Listen();
            Assert.Null(EngineHost.Obstacle(_path, ThisHost));
        }
    }

    [Fact]
    public void An_engine_that_names_another_host_is_there()
    {
        if (OperatingSystem.IsLinux())
        {
            Listen();
            Assert.Equal($"the engine is on the host docker-desktop, and this one is {ThisHost}", EngineHost.Obstacle(_path, "docker-desktop"));
            Assert.Equal($"the engine is on the host (without a name), and this one is {ThisHost}", EngineHost.Obstacle(_path, null));
        }
    }

    [Fact]
    public void A_socket_where_nobody_listens_is_an_obstacle()
    {
        if (OperatingSystem.IsLinux())
        {
            Assert.StartsWith("the engine's process cannot be looked at: ", EngineHost.Obstacle(_path, ThisHost), StringComparison.Ordinal);
        }
    }

    private void Listen()
    {
        _engine.Bind(new UnixDomainSocketEndPoint(_path));
        _engine.Listen();
    }
}
