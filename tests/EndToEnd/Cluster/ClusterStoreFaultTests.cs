using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Cluster;

/// <summary>The store goes away as a whole.</summary>
public sealed class ClusterStoreFaultTests(HostLab lab, ITestOutputHelper output) : ClusterTest(lab, output)
{
    [HostsFact]
    public async Task A_store_that_is_away_for_longer_than_a_lease_ends_every_session_in_time_and_all_come_back_by_themselves()
    {
        var outage = TimeSpan.FromSeconds(30);
        var keys = NewKeys(3);
        await StartAsync();
        var sessions = await Task.WhenAll(keys.Zip(Nodes, OpenAsync));
        await Lab.Store.KillAllAsync();
        var killed = History.Now;
        await Task.WhenAll(sessions.Select(session => session.EndAsync()));
        Measured($"sessions ended {(History.Now - killed).TotalSeconds:0.0} s after the store was killed");
        Assert.True(History.Now - killed <= Lease);
        Assert.All(sessions, session => Assert.NotEqual(LabSession.Silence, session.Over));
        await OneForEachAsync([]);
        Measured($"backends were gone {(History.Now - killed).TotalSeconds:0.0} s after the store was killed");

        // Whoever comes meanwhile is turned away, and is not left waiting.
        var meanwhile = keys.Zip(Nodes, Session).ToList();
        Assert.All(await Task.WhenAll(meanwhile.Select(session => session.AskAsync())), Assert.False);
        await Until.TrueAsync(() => History.Now - killed > outage, outage + Until.Deadline, "the store was away for long");
        Assert.All(Nodes, node => Assert.False(node.Node.Process.HasExited));

        await Lab.Store.StartAgainAsync();
        var restarted = History.Now;
        await using var crowd = Crowd(keys, [.. Nodes]);
        await AnsweredAsync(keys, restarted, _ => true, "all keys are served again");
        await Task.WhenAll(Nodes.Select(node => node.ReadyAsync()));
        await crowd.StopAsync();
        await OneForEachAsync(keys);
    }
}

/// <summary>With leases that are long enough for a store to elect another leader, or to start again.</summary>
public sealed class ClusterStoreRestartTests(HostLab lab, ITestOutputHelper output) : ClusterTest(lab, output)
{
    private protected override TimeSpan Lease => TimeSpan.FromSeconds(15);

    [HostsFact]
    public async Task A_killed_member_of_the_store_stops_nothing()
    {
        var keys = NewKeys(3);
        var fresh = NewKeys(3);
        await StartAsync();
        await using var crowd = Crowd(keys, [.. Nodes]);
        var began = History.Now;
        await AnsweredAsync(keys, began, _ => true, "all are served");
        var sessions = await Task.WhenAll(keys.Zip(Nodes, OpenAsync));

        var leader = await Lab.Store.LeaderAsync();
        await Lab.Store.KillAsync(leader);
        var killed = History.Now;
        await Task.WhenAll(fresh.Zip(Nodes, OpenAsync));
        Measured($"new keys were served {(History.Now - killed).TotalSeconds:0.0} s after the leader was killed");

        // Longer than any place lasts by what the lost leader had granted.
        await Until.TrueAsync(() => History.Now - killed > Lease, stated: "a lease has passed");
        Assert.All(await Task.WhenAll(sessions.Select(session => session.AskAsync())), Assert.True);
        await Lab.Store.StartAgainAsync();
        await crowd.StopAsync();
        Assert.Empty(History.Failures);
        await OneForEachAsync([.. keys, .. fresh]);
    }

    [HostsFact]
    public async Task A_store_that_is_back_before_the_leases_end_was_never_missed()
    {
        var keys = NewKeys(3);
        var fresh = NewKeys(3);
        await StartAsync();
        var sessions = await Task.WhenAll(keys.Zip(Nodes, OpenAsync));
        var backends = sessions.Select(session => session.Backend).ToList();
        await Lab.Store.KillAllAsync();
        var killed = History.Now;
        var waiting = fresh.Zip(Nodes, Session).Select(session => session.AskAsync()).ToList();
        Assert.All(await Task.WhenAll(sessions.Select(session => session.AskAsync())), Assert.True);
        await Lab.Store.StartAgainAsync();
        Measured($"the store was away for {(History.Now - killed).TotalSeconds:0.0} s");

        Assert.All(await Task.WhenAll(waiting), Assert.True);
        await Until.TrueAsync(() => History.Now - killed > Lease, stated: "a lease has passed");
        Assert.All(await Task.WhenAll(sessions.Select(session => session.AskAsync())), Assert.True);
        Assert.Equal(backends, sessions.Select(session => session.Backend));
        Assert.Empty(History.Failures);
        await OneForEachAsync([.. keys, .. fresh]);
    }
}
