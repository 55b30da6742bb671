using Xunit.Abstractions;

namespace Instancer.EndToEnd.Cluster;

/// <summary>A node dies, or stands still for too long: its keys are served elsewhere, in time, and never twice.</summary>
public sealed class ClusterNodeFaultTests(HostLab lab, ITestOutputHelper output) : ClusterTest(lab, output)
{
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(2);

    [HostsFact]
    public async Task A_killed_nodes_keys_are_served_elsewhere_within_its_lease_and_two_seconds()
    {
        var keys = NewKeys(4);
        await StartAsync();
        var sessions = await OpenAsync(keys, H1);
        Assert.All(sessions, session => Assert.Equal(H1.Name, session.Host));

        // Sessions that another node passes on to the one that dies.
        var through = await OpenAsync(keys, H2);
        Assert.Equal(sessions.Select(session => session.Backend), through.Select(session => session.Backend));

        await H1.KillAsync();
        var killed = History.Now;
        await Task.WhenAll(sessions.Concat(through).Select(session => session.EndAsync()));
        await using var crowd = Crowd(keys, H2, H3);
        var took = await AnsweredAsync(keys, killed, answer => !IsOn(answer, H1), "every key of the killed node is served elsewhere");
        Assert.True(took <= Lease + Slack, $"{took}");

        // What it left belongs to nobody when it comes back.
        await H1.StartAsync();
        await H1.ReadyAsync();
        await OneForEachAsync(keys);
        var back = await OpenAsync(keys, H1);
        Assert.All(back, session => Assert.NotEqual(H1.Name, session.Host));
    }

    [HostsFact]
    public async Task A_node_that_was_paused_for_longer_than_its_lease_does_not_serve_when_it_wakes()
    {
        var keys = NewKeys(4);
        await StartAsync();
        var sessions = await OpenAsync(keys, H1);
        var through = await OpenAsync(keys, H2);
        Assert.All(sessions.Concat(through), session => Assert.Equal(H1.Name, session.Host));

        Silent.Add(H1.Name);
        Silent.Add(H2.Name);
        await H1.PauseAsync();
        var paused = History.Now;
        await using var crowd = Crowd(keys, H2, H3);
        await AnsweredAsync(keys, paused, answer => !IsOn(answer, H1), "every key of the paused node is served elsewhere");

        // Their lines wait in the kernel for the node to wake; an answer would be one from a second backend.
        var late = sessions.Concat(through).Select(session => session.AskAsync()).ToList();
        await H1.ContinueAsync();
        Assert.All(await Task.WhenAll(late), Assert.False);

        await H1.ReadyAsync();
        await OneForEachAsync(keys);
        var back = await OpenAsync(keys, H1);
        Assert.All(back, session => Assert.NotEqual(H1.Name, session.Host));
    }
}
