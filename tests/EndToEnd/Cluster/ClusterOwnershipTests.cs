using Instancer.TestKit.Docker;
using Instancer.TestKit.Processes;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Cluster;

/// <summary>Wherever a client comes in, it meets its own backend, of which there is one.</summary>
public sealed class ClusterOwnershipTests(HostLab lab, ITestOutputHelper output) : ClusterTest(lab, output)
{
    [HostsFact]
    public async Task Clients_of_one_key_through_three_nodes_at_once_meet_one_backend()
    {
        const int clientsOfEach = 10;
        var key = NewKeys(1)[0];
        await StartAsync();
        var sessions = await Task.WhenAll(Enumerable.Repeat(Nodes, clientsOfEach).SelectMany(nodes => nodes).Select(node => OpenAsync(key, node)).ToList());
        Assert.Single(sessions.Select(session => session.Backend).Distinct());
        await OneForEachAsync([key]);
        Assert.Empty(History.Failures);
    }

    /// <summary>In processes: two hundred containers would take the better part of a minute, and it is the nodes that this is about.</summary>
    [HostsFact]
    public async Task Two_hundred_keys_through_all_nodes_at_once_have_two_hundred_backends()
    {
        const int many = 200;
        foreach (var node in Nodes)
        {
            node.ServeProcesses(many);
        }

        var keys = NewKeys(many / 10).SelectMany(key => Enumerable.Range(1, 10).Select(identifier => key with { Identifier = identifier })).ToList();
        await StartAsync();
        var began = History.Now;
        var sessions = await Task.WhenAll(keys.Select(key => Task.WhenAll(Nodes.Select(node => OpenAsync(key, node)))));
        Measured($"{many} keys, each through {Nodes.Count} nodes: {(History.Now - began).TotalSeconds:0.0} s");
        Assert.Empty(History.Failures);

        Assert.All(sessions, ofKey => Assert.Single(ofKey.Select(session => session.Backend).Distinct()));
        var backends = sessions.Select(ofKey => ofKey[0].Backend!).ToHashSet();
        Assert.Equal(many, backends.Count);
        foreach (var node in Nodes)
        {
            var here = backends.Count(backend => backend.StartsWith(node.Name + "/", StringComparison.Ordinal));
            Measured($"{here} on {node.Name}");
            Assert.InRange(here, 1, many - 2);

            // One that lost the race for its key is removed in time.
            await Until.TrueAsync(
                () => MarkedProcesses.Of(node.Home.Name).Values.Count(command => command.Contains("nc -ll", StringComparison.Ordinal)) == here,
                stated: $"{node.Name} has no backend but those that were met");
        }
    }

    [HostsFact]
    public async Task A_reset_through_another_node_removes_what_the_token_had_anywhere()
    {
        var first = NewKeys(1)[0];
        var stranger = NewKeys(1)[0];
        LabKey[] keys = [first, first with { Identifier = 2 }, first with { Identifier = 3 }];
        await StartAsync();
        var sessions = await Task.WhenAll(keys.Zip(Nodes, OpenAsync));
        var bystander = await OpenAsync(stranger, H1);
        await OneForEachAsync([.. keys, stranger]);

        // Served means that the others are gone: nothing is awaited after it.
        var fresh = first with { Identifier = 0 };
        await OpenAsync(fresh, H2);
        Assert.Equal(
            new[] { fresh.ToString(), stranger.ToString() }.Order(StringComparer.Ordinal),
            (await Task.WhenAll(Nodes.Select(node => node.ContainersAsync()))).SelectMany(all => all).Order(StringComparer.Ordinal));
        await Task.WhenAll(sessions.Select(session => session.EndAsync()));
        Assert.True(await bystander.AskAsync());

        var next = await OpenAsync(keys[0], H3);
        Assert.NotEqual(sessions[0].Backend, next.Backend);
    }
}
