using Xunit.Abstractions;

namespace Instancer.EndToEnd.Cluster;

/// <summary>Cables between nodes, and to the store, are cut.</summary>
public sealed class ClusterNetworkTests(HostLab lab, ITestOutputHelper output) : ClusterTest(lab, output)
{
    [HostsFact]
    public async Task A_cut_between_two_nodes_doubles_nothing_and_leaves_nobody_waiting()
    {
        var keys = NewKeys(3);
        var fresh = NewKeys(2);
        await StartAsync();
        var owned = await OpenAsync(keys, H1);
        Assert.All(owned, session => Assert.Equal(H1.Name, session.Host));
        var through = await OpenAsync(keys, H2);

        await Lab.Network.CutAsync(H1.Name, H2.Name);

        // A client on the far side is turned away: both nodes have their places, so the key stays where it is.
        Assert.False(await Session(keys[0], H2).AskAsync());
        Assert.NotEqual(LabSession.Silence, History.Failures.Last().How);

        // Everybody else is served as before.
        Assert.All(await Task.WhenAll(owned.Select(session => session.AskAsync())), Assert.True);
        var around = await OpenAsync(keys, H3);
        Assert.Equal(owned.Select(session => session.Backend), around.Select(session => session.Backend));
        await OpenAsync(fresh[0], H1);
        await OpenAsync(fresh[1], H2);
        await OneForEachAsync([.. keys, .. fresh]);

        await Lab.Network.MendAsync();
        var mended = History.Now;
        await using var crowd = Crowd(keys, H2);
        await AnsweredAsync(keys, mended, answer => answer.Through == H2.Name && IsOn(answer, H1), "every key is reached across the mended cut");

        // A session that was passed on across the cut goes on, if neither side had given it up.
        await Task.WhenAll(through.Select(session => session.AskAsync()));
        await OneForEachAsync([.. keys, .. fresh]);
    }

    [HostsFact]
    public Task A_node_that_is_cut_off_from_the_store_is_fenced_before_its_lease_ends_and_comes_back() =>
        FencedAsync(() => Lab.Network.CutAsync(H1.Name, LabNetwork.Store), seesResets: true);

    [HostsFact]
    public Task A_host_without_its_cable_is_fenced_and_comes_back()
    {
        Silent.UnionWith(Nodes.Select(node => node.Name));
        return FencedAsync(() => Lab.Network.UnplugAsync(H1.Name), seesResets: false);
    }

    // Where the clients are cut off as well, they cannot see when their sessions end; the engine can.
    private async Task FencedAsync(Func<Task> cutAsync, bool seesResets)
    {
        var keys = NewKeys(4);
        await StartAsync();
        var sessions = await OpenAsync(keys, H1);
        Assert.All(sessions, session => Assert.Equal(H1.Name, session.Host));

        await cutAsync();
        var cut = History.Now;
        await using var crowd = Crowd(keys, H2, H3);
        if (seesResets)
        {
            await Task.WhenAll(sessions.Select(session => session.EndAsync()));
            Measured($"sessions ended {(History.Now - cut).TotalSeconds:0.0} s after the cut");
            Assert.All(sessions, session => Assert.NotEqual(LabSession.Silence, session.Over));
            Assert.True(History.Now - cut <= Lease);
        }

        await ContainersAreAsync([], [H1]);
        Measured($"backends were gone {(History.Now - cut).TotalSeconds:0.0} s after the cut");
        await AnsweredAsync(keys, cut, answer => !IsOn(answer, H1), "every key is served elsewhere");

        await Lab.Network.MendAsync();
        await H1.ReadyAsync();
        var back = await OpenAsync(keys, H1);
        Assert.All(back, session => Assert.NotEqual(H1.Name, session.Host));
        await OneForEachAsync(keys);
    }
}
