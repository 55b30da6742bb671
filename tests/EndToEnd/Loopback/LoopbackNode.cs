using System.Net;
using System.Text.Json.Nodes;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;
using Instancer.TestKit.Processes;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Loopback;

/// <summary>A node of a cluster on this host, with a home that is the test's.</summary>
internal sealed class LoopbackNode
{
    private TestNode? _node;

    public LoopbackNode(ITestOutputHelper output)
    {
        Home = new NodeHome(output);
        Home.Serve("pwn", Challenges.Backend(), ports: 10);
        Home.Gateway["preambleTimeout"] = "00:00:02";
        // What others do on this machine is no reason to stop an instance.
        Home.Options["reaper"] = new JsonObject { ["minAvailableMemory"] = "0%" };
        Port = PortBlock.Take(1).First;
        Cluster = new JsonObject { ["advertise"] = $"127.0.0.1:{Port}", ["lease"] = "00:00:05" };
        Home.Options["cluster"] = Cluster;
    }

    public NodeHome Home { get; }

    /// <summary>The section <c>cluster</c> of its configuration.</summary>
    public JsonObject Cluster { get; }

    /// <summary>Where it listens for the other nodes.</summary>
    public int Port { get; }

    public string Name => (string)Home.Options["node"]!;

    public TestNode Node => _node ?? throw new InvalidOperationException($"{Name} has not started.");

    /// <summary>What to give commands, so that they ask this node.</summary>
    public string[] Admin => ["--admin", Node.AdminAddress, "--config", Path.Combine(Home.Directory, "node.conf")];

    /// <summary>Starts it, and waits until it says where it listens.</summary>
    public async Task<LoopbackNode> StartAsync()
    {
        _node = await Home.StartNodeAsync();
        return this;
    }

    /// <summary>Waits until it has its place.</summary>
    public Task ReadyAsync() => Until.TrueAsync(IsReadyAsync, stated: $"{Name} is ready");

    public async Task<bool> IsReadyAsync() => await Node.StatusAsync("/readyz") == HttpStatusCode.OK;

    /// <summary>Whether it knows that it has no place.</summary>
    public async Task<bool> IsFencedAsync() => await Node.MetricAsync("instancer_cluster_fenced_total") is not null;

    /// <summary>Waits until it knows of so many nodes.</summary>
    public Task KnowsAsync(int nodes) => Until.TrueAsync(
        async () => await Node.MetricAsync("instancer_cluster_nodes") == $"{nodes}", stated: $"{Name} knows {nodes} nodes");

    /// <summary>A session with the backend, which has said its process id.</summary>
    public Task<(RawSocket Client, string Pid)> OpenAsync(TestToken token, int identifier = 1) => Node.AskAsync(token, identifier, Backend.Pid);

    /// <summary>What it logged with a text in it.</summary>
    public IReadOnlyList<string> Lines(string text) => [.. Node.Process.Lines.Where(line => line.Contains(text, StringComparison.Ordinal))];

    /// <summary>Stops it in order if it runs.</summary>
    public async Task DisposeAsync()
    {
        try
        {
            if (_node is { Process.HasExited: false })
            {
                await _node.StopAsync();
            }
        }
        finally
        {
            await Home.DisposeAsync(engine: null);
        }
    }
}
