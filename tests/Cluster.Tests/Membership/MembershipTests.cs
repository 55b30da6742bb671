using Instancer.Actors.Runtime;
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
        Assert.Equal(("/instancer/v1/nodes/one", """{"advertise":"127.0.0.1:7946"}"""), (item.Key, item.Value));
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
    public void A_lease_that_the_store_ended_is_a_place_that_is_lost_at_once()
    {
        var node = _lab.Start("one");
        Assert.True(_lab.Done(new ValueTask<StoreError?>(_lab.Etcd.Connect().RevokeAsync(node.Fence.Place!.Lease, CancellationToken.None))) is null);
        _lab.Advance(3.1);
        Assert.Equal(1, node.Losses);
        _lab.Advance(1.1);
        Assert.Equal(2, node.Joins);
    }

    [Fact]
    public async Task Of_two_nodes_with_one_name_the_second_is_no_member_until_the_first_has_left()
    {
        var first = _lab.Start("one");
        var second = _lab.Start("one");
        _lab.Advance(30);
        Assert.Equal((1, 0, 0), (first.Joins, first.Losses, second.Joins));
        Assert.Single(_lab.Actors.Log.Lines, line => line.ToString().Contains("another node is called one", StringComparison.Ordinal));
        Assert.Single(_lab.Etcd.Items);
        var left = first.Membership.AskAsync<MembershipMessage, Left>(reply => new MembershipMessage.Leave(reply));
        _lab.Run();
        Assert.Empty(_lab.Etcd.Items);
        _lab.Advance(2);
        Assert.Equal(1, second.Joins);
        Assert.Equal((1, 1), (first.Joins, first.Losses));
        await left;
    }

    [Fact]
    public void An_answer_that_is_lost_while_it_joins_leaves_no_key_behind()
    {
        var node = _lab.Start("one", answersLost: 2);
        _lab.Advance(30);
        Assert.Equal((1, 0), (node.Joins, node.Losses));
        Assert.Equal(node.Fence.Place!.Lease, Assert.Single(_lab.Etcd.Items).Lease);
    }
}
