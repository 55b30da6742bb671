using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Cluster;

/// <summary>Three nodes that are no cluster: the clients, the hosts and the judge of the cluster's tests see what they must when a key has three backends.</summary>
[Collection(HostCollection.Name)]
public sealed class NodesApartTests(HostLab lab, ITestOutputHelper output) : IAsyncLifetime
{
    private readonly List<LabNode> _nodes = [.. lab.Hosts.Select(host => new LabNode(host, lab.Network, output))];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await lab.Network.MendAsync();
        foreach (var node in _nodes.AsEnumerable().Reverse())
        {
            await node.DisposeAsync();
        }
    }

    [HostsFact]
    public async Task One_key_has_three_backends_and_the_judge_finds_that()
    {
        var key = new LabKey(_nodes[0].Home.Token, 1);
        foreach (var node in _nodes)
        {
            node.ServeContainers();
            node.Home.Options["tokensFile"] = _nodes[0].Home.TokensFile;
        }

        await Task.WhenAll(_nodes.Select(node => node.StartAsync()));
        await Task.WhenAll(_nodes.Select(node => node.ReadyAsync()));
        var history = new History();
        await using (new Crowd(Enumerable.Repeat(key, 3), history, () => _nodes))
        {
            await Until.TrueAsync(() => history.Answers.Count > 300, stated: "there is a history to judge");
        }

        Assert.Empty(history.Failures);
        Assert.Equal(3, history.Answers.Select(answer => answer.Backend).Distinct().Count());
        Assert.All(history.Answers, answer => Assert.StartsWith(answer.Through + "/", answer.Backend, StringComparison.Ordinal));
        Assert.NotEmpty(HistoryChecker.Violations(history.Answers));
        foreach (var node in _nodes)
        {
            Assert.Equal(key.ToString(), Assert.Single(await node.ContainersAsync()));
        }
    }

    [HostsFact]
    public async Task Clients_see_the_end_of_a_node_and_hear_nothing_of_one_that_is_paused()
    {
        var node = _nodes[0];
        node.ServeProcesses(10);
        await node.StartAsync();
        var history = new History();
        using var session = new LabSession(new LabKey(node.Home.Token, 1), node, history);
        Assert.True(await session.AskAsync());
        Assert.Equal(node.Name, session.Host);

        await node.PauseAsync();
        var late = session.AskAsync();
        var paused = history.Now;
        await Until.TrueAsync(() => history.Now - paused > TimeSpan.FromSeconds(1), stated: "a second has passed");
        Assert.False(late.IsCompleted);
        await node.ContinueAsync();
        Assert.True(await late);

        await node.KillAsync();
        await session.EndAsync();
        Assert.False(session.Over is null or LabSession.Silence, session.Over);

        // The next start removes what was left.
        await node.StartAsync();
        using var next = new LabSession(new LabKey(node.Home.Token, 1), node, history);
        Assert.True(await next.AskAsync());
        Assert.NotEqual(session.Backend, next.Backend);
        Assert.Single(history.Failures);
        Assert.Empty(HistoryChecker.Violations(history.Answers));
    }
}
