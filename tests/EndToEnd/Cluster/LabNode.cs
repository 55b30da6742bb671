using System.Net;
using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Cluster;

/// <summary>A node of the cluster, on a host of its own, with a home that is the test's.</summary>
internal sealed class LabNode
{
    public const int Port = 12345;

    // Each connection's lines come back behind the host's name, and one that no other start of a server ever has.
    private const string Says = "while read -r line; do echo \"$LAB_HOST/$id $line\"; done";

    private readonly LabHost _host;
    private TestNode? _node;
    private bool _isPaused;

    public LabNode(LabHost host, LabNetwork network, ITestOutputHelper output)
    {
        _host = host;
        Home = new NodeHome(output) { Enter = network.Inhabit(host.Name) };
        Home.Environment["DOCKER_HOST"] = host.Engine.Host;
        Home.Gateway["listen"] = host.Address.ToString();
        Home.Options["admin"]!["listen"] = host.Address.ToString();
    }

    public string Name => _host.Name;

    public NodeHome Home { get; }

    public EngineApi Engine => _host.Engine;

    public IPEndPoint EndPoint => new(_host.Address, Port);

    public TestNode Node => _node ?? throw new InvalidOperationException($"The node on {Name} has not started.");

    /// <summary>Serves containers to clients who come to <see cref="Port"/>.</summary>
    public void ServeContainers()
    {
        var challenge = Challenges.Docker();
        challenge["command"] = new JsonArray("/bin/sh", "-c", Server($"nc -ll -p {TestImages.Port} -e /bin/sh"));
        challenge["env"] = new JsonObject { ["LAB_HOST"] = Name };
        Serve(challenge);
    }

    /// <summary>Serves processes, so many that they had better be no containers.</summary>
    public void ServeProcesses(int atMost)
    {
        var challenge = Challenges.Shell($"export LAB_HOST={Name}; {Server("busybox nc -ll -p \"$1\" -e busybox sh")}");
        challenge["maxInstances"] = atMost;
        Serve(challenge);
        Home.Options["ports"] = new JsonObject { ["first"] = 20000, ["last"] = 20999 };
    }

    /// <summary>Makes it one of a cluster.</summary>
    public void Join(HostLab lab, string tokensFile, string secretFile, TimeSpan lease)
    {
        Home.Options["tokensFile"] = tokensFile;
        Home.Options["cluster"] = new JsonObject
        {
            ["etcd"] = new JsonArray([.. lab.Store.Endpoints.Select(endpoint => JsonValue.Create(endpoint))]),
            ["advertise"] = $"{_host.Address}:7946",
            ["secretFile"] = secretFile,
            ["lease"] = lease.ToString("c"),
        };
    }

    /// <summary>Starts it, and waits until it says that clients can come.</summary>
    public async Task StartAsync() => _node = await Home.StartNodeAsync();

    /// <summary>Waits until it is ready to serve: it has its place.</summary>
    public Task ReadyAsync() => Until.TrueAsync(async () => await Node.StatusAsync("/readyz") == HttpStatusCode.OK, stated: $"{Name} is ready");

    public Task KillAsync() => Node.Process.KillAsync();

    public async Task PauseAsync()
    {
        _isPaused = true;
        await Node.Process.SignalAsync("STOP");
    }

    public async Task ContinueAsync()
    {
        await Node.Process.SignalAsync("CONT");
        _isPaused = false;
    }

    /// <summary>The containers of its node on its engine, running or not: <c>TOKENHASH/ID</c>.</summary>
    public async Task<IEnumerable<string>> ContainersAsync() => (await Engine.ContainersAsync("instancer.node=" + Home.Name))
        .Select(container => ((string)container!["Names"]![0]!).Split('-'))
        .Select(words => $"{words[^2]}/{words[^1]}");

    /// <summary>Stops its instances and itself if it runs, and sees that nothing is left on its host.</summary>
    public async Task DisposeAsync()
    {
        try
        {
            if (_node is { Process.HasExited: false })
            {
                if (_isPaused)
                {
                    await ContinueAsync();
                }

                await _node.StopInstancesAsync();
                await _node.StopAsync();
            }
        }
        finally
        {
            await Home.DisposeAsync(Engine);
        }
    }

    private static string Server(string listen) => $"id=$(cat /proc/sys/kernel/random/uuid); export id; exec {listen} -c '{Says}'";

    private void Serve(JsonObject challenge)
    {
        challenge["port"] = Port;
        Home.Serve("pwn", challenge);
    }
}
