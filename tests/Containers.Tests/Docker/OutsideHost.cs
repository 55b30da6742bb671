using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Instancer.TestKit.Docker;
using SystemProcess = System.Diagnostics.Process;

namespace Instancer.Containers.Tests.Docker;

/// <summary>
/// A host beyond the engine's: a network namespace behind a pair of interfaces. As the world does, it knows no way to the containers, only to the
/// engine's host; so nothing but what comes in that host's name gets an answer. The answer is who came, as this host sees it.
/// </summary>
internal sealed class OutsideHost : IAsyncDisposable
{
    public const int Port = 7;

    private readonly string _id = Guid.NewGuid().ToString("N")[..8];
    private readonly string _network = string.Create(
        CultureInfo.InvariantCulture, $"198.{Random.Shared.Next(18, 20)}.{Random.Shared.Next(256)}.{4 * Random.Shared.Next(64)}");

    private SystemProcess? _server;

    private OutsideHost()
    {
    }

    /// <summary>Why there can be none here; null if there can.</summary>
    public static string? Obstacle =>
        !OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess ? "a network namespace takes Linux and root"
        : DockerDaemon.OnPath("ip") is null || DockerDaemon.OnPath("nsenter") is null ? "a network namespace takes ip and nsenter"
        : null;

    public IPAddress Address => Numbered(2);

    /// <summary>The engine's host's own address on the way there.</summary>
    public IPAddress HostAddress => Numbered(1);

    public static async Task<OutsideHost> StartAsync()
    {
        var outside = new OutsideHost();
        try
        {
            await outside.RunAsync();
        }
        catch
        {
            await outside.DisposeAsync();
            throw;
        }

        return outside;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { } server)
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync();
            server.Dispose();
        }

        // Takes the interfaces with it.
        await IpAsync($"netns delete {NamespaceName}");
    }

    private string NamespaceName => "instancer-test-" + _id;

    private IPAddress Numbered(byte last)
    {
        var bytes = IPAddress.Parse(_network).GetAddressBytes();
        bytes[3] += last;
        return new IPAddress(bytes);
    }

    private async Task RunAsync()
    {
        string[] steps =
        [
            $"netns add {NamespaceName}",
            $"link add it{_id}a type veth peer name it{_id}b netns {NamespaceName}",
            $"address add {HostAddress}/30 dev it{_id}a",
            $"link set it{_id}a up",
            $"-n {NamespaceName} address add {Address}/30 dev it{_id}b",
            $"-n {NamespaceName} link set it{_id}b up",
        ];
        foreach (var step in steps)
        {
            if (await IpAsync(step) != 0)
            {
                throw new InvalidOperationException($"ip {step} failed.");
            }
        }

        string[] words =
        [
            "--net=/var/run/netns/" + NamespaceName, DockerDaemon.OnPath("busybox")!, "nc", "-ll", "-p", Port.ToString(CultureInfo.InvariantCulture),
            // The other side of the connection, in a table of the kernel's: IPv4 in the words of IPv6.
            "-e", "/bin/sh", "-c", $"busybox netstat -tn | busybox sed -n '/TIME_WAIT/d; s/.*:{Port} *::ffff:\\([0-9.]*\\):.*/\\1/p' | busybox head -n 1",
        ];
        _server = SystemProcess.Start(new ProcessStartInfo("nsenter", words))!;
        await Until.TrueAsync(async () => await AskAsync() == HostAddress.ToString(), stated: "the outside host answers");
    }

    private async Task<string?> AskAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(Address, Port);
        }
        catch (SocketException)
        {
            // It does not listen yet.
            return null;
        }

        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadLineAsync();
    }

    private static async Task<int> IpAsync(string words)
    {
        using var ip = SystemProcess.Start(new ProcessStartInfo(DockerDaemon.OnPath("ip")!, words))!;
        await ip.WaitForExitAsync();
        return ip.ExitCode;
    }
}

/// <summary>A test that needs a Docker engine on this host, and a host beyond it: skipped, with the reason, where there can be none; in CI it fails instead.</summary>
public sealed class OutsideFactAttribute : EngineFactAttribute
{
    public OutsideFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("CI") != "true" && OutsideHost.Obstacle is { } obstacle)
        {
            Skip ??= $"Needs a host beyond this one: {obstacle}.";
        }
    }
}
