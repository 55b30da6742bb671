using Instancer.Cluster.Membership;
using Instancer.TestKit.Cluster;

namespace Instancer.Cluster.Tests.Membership;

/// <summary>A node's place: kept by signs of life, and given up before anybody else can have it.</summary>
public sealed class MembershipTests
{
    private readonly ClusterLab _lab = new();

    [Fact]
    public void A_node_joins_and_keeps_its_place()
    {
        var node = _lab.Start("one", port: 7946);
        var item = Assert.Single(_lab.Etcd.Items);
        const string Value = """{"version":1,"advertise":"127.0.0.1:7946","life":"life of one 7946","draining":false,"challenges":{}}""";
        Assert.Equal(("/instancer/v1/nodes/one", Value), (item.Key, item.Value));
        Assert.True(Member.TryParse("one", item.Value, out var member) && member.Advertise.Port == 7946);
        var place = node.Fence.Place!;
        Assert.Equal(item.Lease, place.Lease);
        for (var i = 0; i < 100; i++)
        {
            _lab.Advance(1);
            Assert.True(node.Fence.Allows(place));
        }

        Assert.Equal((1, 0), (node.Joins, node.Losses));
    }

    [Theory]
    [InlineData(LinkState.Silent)]
    [InlineData(LinkState.Refusing)]
    internal void A_node_that_is_cut_off_has_stopped_before_its_lease_ends(LinkState cut)
    {
        var node = _lab.Start("one");
        _lab.Advance(4);
        node.Link.Set(cut);
        while (_lab.Etcd.Items.Count > 0)
        {
            var allowed = node.Fence.Place is not null;
            _lab.Advance(0.05);
            Assert.False(allowed && _lab.Etcd.Items.Count == 0, "it might still have served when its lease ended");
        }

        Assert.Equal(1, node.Losses);
        Assert.Null(node.Fence.Place);
        node.Link.Set(LinkState.Up);
        _lab.Advance(5);
        Assert.Equal((2, 1), (node.Joins, node.Losses));
        Assert.NotNull(node.Fence.Place);
    }

    [Fact]
    public void A_short_absence_of_the_store_costs_nothing()
    {
        var node = _lab.Start("one");
        var place = node.Fence.Place!;
        for (var i = 0; i < 10; i++)
        {
            _lab.Advance(3.5);
            node.Link.Set(LinkState.Silent);
            _lab.Advance(2);
            node.Link.Set(LinkState.Up);
            Assert.True(node.Fence.Allows(place));
        }

        Assert.Equal((1, 0), (node.Joins, node.Losses));
    }

    [Fact]
    public void A_node_that_is_paused_past_its_end_does_not_serve_when_it_wakes()
    {
        var node = _lab.Start("one");
        // Time passes, and nothing of it runs.
        _lab.Actors.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Null(node.Fence.Place);
        _lab.Advance(5);
        Assert.Equal((2, 1), (node.Joins, node.Losses));
    }

    [Fact]
    public void The_wall_clock_does_not_matter()
    {
        var node = _lab.Start("one");
        foreach (var step in new[] { -600, 1200, -600 })
        {
            _lab.Actors.Time.StepWallClock(TimeSpan.FromSeconds(step));
            _lab.Advance(5);
            Assert.NotNull(node.Fence.Place);
        }

        Assert.Equal((1, 0), (node.Joins, node.Losses));
    }

    [Fact]
    public async Task A_node_that_leaves_is_no_member_any_more_and_comes_back_never()
    {
        var node = _lab.Start("one");
        var leaving = node.Part.LeaveAsync();
        _lab.Run();
        await leaving;
        Assert.Empty(_lab.Etcd.Items);
        Assert.False(node.Part.HasPlace);
        _lab.Advance(30);
        Assert.Empty(_lab.Etcd.Items);
        Assert.Equal((1, 0), (node.Joins, node.Losses));
        Assert.True(node.Part.LeaveAsync().IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    [InlineData(0.4)]
    [InlineData(0.7)]
    public void A_node_that_leaves_while_it_joins_leaves_nothing_behind(double after)
    {
        var node = _lab.Start("one", new LabSettings { Delay = TimeSpan.FromMilliseconds(200) });
        _lab.Advance(after);
        var leaving = node.Part.LeaveAsync();
        _lab.Advance(1.7);
        Assert.True(leaving.IsCompletedSuccessfully);
        Assert.Empty(_lab.Etcd.Items);
        Assert.Equal(0, node.Joins);
    }

    [Fact]
    public void A_node_that_cannot_reach_the_store_leaves_all_the_same()
    {
        var node = _lab.Start("one");
        node.Link.Set(LinkState.Silent);
        var leaving = node.Part.LeaveAsync();
        _lab.Run();
        Assert.False(node.Part.HasPlace);
        _lab.Advance(2.1);
        Assert.True(leaving.IsCompletedSuccessfully);
    }

    [Fact]
    public void An_answer_that_is_lost_while_it_joins_leaves_no_key_behind()
    {
        var node = _lab.Start("one", new LabSettings(AnswersLost: 2));
        _lab.Advance(30);
        Assert.Equal((1, 0), (node.Joins, node.Losses));
        Assert.Equal(node.Fence.Place!.Lease, Assert.Single(_lab.Etcd.Items).Lease);
    }

    [Fact]
    public void A_membership_that_failed_gives_its_place_up_and_joins_anew()
    {
        var failures = 0;
        var node = _lab.Start("one", new LabSettings { PlaceLost = _ => failures += failures == 0 ? 1 : throw new InvalidOperationException("a bug") });
        node.Link.Set(LinkState.Silent);
        _lab.Advance(10.1);
        node.Link.Set(LinkState.Up);
        _lab.Advance(5);
        Assert.Equal((2, 1, true), (node.Joins, failures, node.Part.HasPlace));
        node.Link.Set(LinkState.Silent);
        _lab.Advance(10.1);
        Assert.False(node.Part.HasPlace);
        node.Link.Set(LinkState.Up);
        _lab.Advance(12);
        Assert.Equal((3, true), (node.Joins, node.Part.HasPlace));
        Assert.False(node.Part.Refused.IsCompleted);
    }
}
