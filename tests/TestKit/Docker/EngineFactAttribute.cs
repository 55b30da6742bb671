using System.Net.Sockets;
using Xunit;
using Xunit.Sdk;

namespace Instancer.TestKit.Docker;

/// <summary>The engine that is there already, if any.</summary>
internal static class EngineAtHand
{
    private const string Default = "unix:///var/run/docker.sock";

    private static readonly Lazy<bool> Found = new(() => Connects(Host));

    public static string Host => Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } host ? host : Default;

    /// <summary>Asked while tests are discovered, which is synchronous; so it is one connect and no more.</summary>
    public static bool Answers => Found.Value;

    private static bool Connects(string host)
    {
        try
        {
            if (host.StartsWith("unix://", StringComparison.Ordinal))
            {
                using var local = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                local.Connect(new UnixDomainSocketEndPoint(host["unix://".Length..]));
                return true;
            }

            var address = new Uri(host);
            using var remote = new Socket(SocketType.Stream, ProtocolType.Tcp);
            remote.Connect(address.Host, address.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>
/// A test that needs an engine, podman's if its class is <see cref="OnPodmanAttribute"/>, else Docker's: skipped, with the reason, where there can be
/// none; in CI it fails instead.
/// </summary>
[XunitTestCaseDiscoverer("Instancer.TestKit.Docker.EngineFactDiscoverer", "Instancer.TestKit")]
public class EngineFactAttribute : FactAttribute;

/// <summary>The engine tests of this class run on podman.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnPodmanAttribute : Attribute;

/// <summary>A test that needs to start dockerd itself: skipped, with the reason, where it cannot; in CI it fails instead.</summary>
public sealed class DaemonFactAttribute : FactAttribute
{
    public DaemonFactAttribute()
    {
        var inCi = Environment.GetEnvironmentVariable("CI") == "true";
        if (!inCi && DockerDaemon.Obstacle is { } obstacle)
        {
            Skip = $"Needs a dockerd of its own: {obstacle}.";
        }
    }
}

/// <summary>A test that needs to start podman itself: skipped, with the reason, where it cannot; in CI it fails instead.</summary>
public sealed class PodmanFactAttribute : FactAttribute
{
    public PodmanFactAttribute()
    {
        var inCi = Environment.GetEnvironmentVariable("CI") == "true";
        if (!inCi && PodmanService.Obstacle is { } obstacle)
        {
            Skip = $"Needs a podman of its own: {obstacle}.";
        }
    }
}
