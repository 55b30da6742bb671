using Instancer.TestKit.Cluster;
using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Loopback;

/// <summary>A store that does not know any more what it said: its disks were lost, or are those of a backup.</summary>
public sealed class ForgetfulStoreTests(LoopbackStore store, ITestOutputHelper output) : LoopbackTest(store, output)
{
    [EtcdFact]
    public async Task Nodes_whose_store_has_forgotten_all_end_their_sessions_and_join_anew()
    {
        await using var etcd = await EtcdCluster.StartAsync();
        var nodes = await StartAsync(2, [.. etcd.Endpoints]);
        await AgreesAgainAsync(nodes, etcd.RestoreAsync);
    }

    [EtcdFact]
    public async Task Nodes_whose_store_is_that_of_a_backup_end_their_sessions_and_join_anew()
    {
        await using var etcd = await EtcdCluster.StartAsync();
        var nodes = await StartAsync(2, [.. etcd.Endpoints]);

        // The nodes have their places in it, and nobody has the key.
        await etcd.SaveAsync();
        await Task.WhenAll(nodes.Select(node => node.ReadyAsync()));
        await AgreesAgainAsync(nodes, etcd.RestoreAsync);
    }

    private async Task AgreesAgainAsync(LoopbackNode[] nodes, Func<Task> forget)
    {
        var (session, before) = await nodes[0].OpenAsync(Common.Token);
        await using var watchers = new Watchers(Common.Token, nodes);
        var history = watchers.History;
        await Until.TrueAsync(() => history.Answers.Count > 10, stated: "both are asked");
        Assert.All(history.Answers, answer => Assert.Equal(before, answer.Backend));

        // Every node knows that the owner has an instance: it has seen what the store is about to forget.
        await Until.TrueAsync(async () => (await nodes[1].Node.ListAsync("/api/nodes")).Any(node => (int?)node["challenges"]?["pwn"]?["instances"] == 1), stated: "the others know what it has");

        await forget();
        var since = history.Now;
        await ClosedAsync(session);
        await Until.TrueAsync(async () => await nodes[0].IsFencedAsync(), stated: "the owner says that it has lost its place");
        await Task.WhenAll(nodes.Select(node => node.ReadyAsync()));
        await Until.TrueAsync(
            () => nodes.All(node => history.Answers.Any(answer => answer.Sent > since && answer.Through == node.Name && answer.Backend != before)),
            stated: "both serve again, from a backend of now");
        await nodes[0].Node.InstancesAreAsync(instances => instances.Count == 1, "there is one instance");
    }
}
