using System.Net;
using System.Net.Sockets;

namespace Instancer.Bench.Net;

/// <summary>A proxy with a config of ours in a directory of its own.</summary>
internal abstract class ConfiguredContender : Contender
{
    private string? _directory;
    private string? _config;

    /// <summary>Its directory, once it has started.</summary>
    protected string Place => _directory!;

    public override Contender Start(int work, int hold)
    {
        var started = (ConfiguredContender)MemberwiseClone();
        started._directory = Directory.CreateTempSubdirectory("instancer-bench-").FullName;
        (started.Work, started.Hold) = (FreePort(), FreePort());
        started._config = Path.Combine(started._directory, "proxy.conf");
        File.WriteAllText(started._config, started.Config(started._directory, work, hold));
        started.Child = started.Run(started._config);
        try
        {
            AwaitListening(started.Work);
            AwaitListening(started.Hold);
            return started;
        }
        catch
        {
            started.Dispose();
            throw;
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        if (_directory is not null)
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    protected abstract string Config(string directory, int work, int hold);

    protected abstract ChildProcess Run(string config);

    /// <summary>Kills it and runs it again with the config that it had, and does not wait for anything.</summary>
    protected void RunAgain()
    {
        Child?.Dispose();
        Child = Run(_config!);
    }

    protected static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static void AwaitListening(int port)
    {
        for (var deadline = Environment.TickCount64 + 10_000; ;)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Connect(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (Environment.TickCount64 < deadline)
            {
                // Not yet.
            }
        }
    }
}

/// <summary>HAProxy in TCP mode, its defaults otherwise.</summary>
internal sealed class HaProxy : ConfiguredContender
{
    public override string Name => "HAProxy";

    protected override string Config(string directory, int work, int hold) => $"""
        global
            maxconn 9500
        defaults
            mode tcp
            timeout connect 10s
            timeout client 1h
            timeout server 1h
        listen work
            bind 127.0.0.1:{Work} backlog 65535
            server backend 127.0.0.1:{work}
        listen hold
            bind 127.0.0.1:{Hold} backlog 65535
            server backend 127.0.0.1:{hold}

        """;

    protected override ChildProcess Run(string config) => ChildProcess.Start("/usr/sbin/haproxy", "-db", "-f", config);
}

/// <summary>nginx with its stream module, a worker per core and half-close on (else it cuts answers off), its defaults otherwise.</summary>
internal sealed class Nginx : ConfiguredContender
{
    public override string Name => "nginx";

    protected override string Config(string directory, int work, int hold) => $$"""
        load_module /usr/lib/nginx/modules/ngx_stream_module.so;
        daemon off;
        worker_processes auto;
        worker_rlimit_nofile 20000;
        pid {{directory}}/pid;
        error_log {{directory}}/error.log crit;
        events { worker_connections 19000; }
        stream {
            proxy_timeout 1h;
            proxy_half_close on;
            server { listen 127.0.0.1:{{Work}} backlog=65535; proxy_pass 127.0.0.1:{{work}}; }
            server { listen 127.0.0.1:{{Hold}} backlog=65535; proxy_pass 127.0.0.1:{{hold}}; }
        }

        """;

    protected override ChildProcess Run(string config) => ChildProcess.Start("/usr/sbin/nginx", "-c", config);
}
