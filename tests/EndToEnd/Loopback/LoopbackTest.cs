using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Cluster;
using Instancer.TestKit.Net;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Loopback;

/// <summary>A test with nodes of one cluster on this host. At its end they are stopped in order, and nothing of theirs may be left.</summary>
public abstract class LoopbackTest(LoopbackStore store, ITestOutputHelper output) : IClassFixture<LoopbackStore>, IAsyncLifetime
{
    private readonly List<LoopbackNode> _nodes = [];

    private protected EtcdCluster Etcd => store.Etcd;

    /// <summary>The home whose tokens and secret all nodes have.</summary>
    private protected NodeHome Common => _nodes[0].Home;

    // A test that is skipped has none.
    public async Task InitializeAsync()
    {
        if (EtcdCluster.Obstacle is null)
        {
            await Etcd.WipeAsync("/instancer/");
        }
    }

    public virtual async Task DisposeAsync()
    {
        List<Exception> failures = [];

        // The first one's home has the files that all use.
        foreach (var node in _nodes.AsEnumerable().Reverse())
        {
            try
            {
                await node.DisposeAsync();
            }
            catch (Exception e)
            {
                failures.Add(e);
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    /// <summary>A node that can be started, one of the cluster of those before it.</summary>
    private protected LoopbackNode NewNode(params string[] endpoints)
    {
        var node = new LoopbackNode(output);
        _nodes.Add(node);
        node.Home.Options["tokensFile"] = Common.TokensFile;
        node.Cluster["etcd"] = new JsonArray([.. (endpoints.Length > 0 ? endpoints : Etcd.Endpoints).Select(endpoint => JsonValue.Create(endpoint))]);
        node.Cluster["secretFile"] = _nodes.Count > 1 ? (string)_nodes[0].Cluster["secretFile"]! : Private(node.Home, "cluster-secret", NewSecret());
        return node;
    }

    /// <summary>Starts nodes, and waits until each has its place and knows of the others.</summary>
    private protected async Task<LoopbackNode[]> StartAsync(int count, params string[] endpoints)
    {
        var nodes = Enumerable.Range(0, count).Select(_ => NewNode(endpoints)).ToArray();
        await JoinAsync(nodes);
        return nodes;
    }

    private protected static async Task JoinAsync(params LoopbackNode[] nodes)
    {
        await Task.WhenAll(nodes.Select(node => node.StartAsync()));
        await Task.WhenAll(nodes.Select(node => node.ReadyAsync()));
        await Task.WhenAll(nodes.Select(node => node.KnowsAsync(nodes.Length)));
    }

    private protected static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>A file with a secret, that nobody else may read.</summary>
    private protected static string Private(NodeHome home, string name, string text) => home.WriteSecret(name, text + "\n");

    /// <summary>Sees that the connection is closed and nothing was sent before, by an end or by a reset.</summary>
    private protected static Task ClosedAsync(RawSocket client) => client.ExpectGoneAsync();
}
