using Instancer.TestKit.Cluster;

namespace Instancer.Cluster.Tests.Membership;

/// <summary>A node that cannot join says so if that is certain, and otherwise goes on trying.</summary>
public sealed class JoiningTests
{
    private readonly ClusterLab _lab = new();

    [Fact]
    public void Of_two_nodes_with_one_name_the_second_says_that_there_is_another_and_joins_when_that_has_left()
    {
        var first = _lab.Start("one", 1);
        var second = _lab.Start("one", 2);
        _lab.Advance(11.5);
        Assert.False(second.Part.Refused.IsCompleted, "the first may be an earlier life of the second");
        _lab.Advance(2);
        Assert.Equal("another node is called one: the one at 127.0.0.1:1", Refusal(second));
        _lab.Advance(15);
        Assert.Equal((1, 0, 0), (first.Joins, first.Losses, second.Joins));
        Assert.Single(second.Log.Of(602), line => line.Text.Contains("another node is called one", StringComparison.Ordinal));
        Assert.Single(_lab.Etcd.Items);

        first.Part.LeaveAsync();
        _lab.Advance(2);
        Assert.Equal(1, second.Joins);
    }

    [Fact]
    public void A_node_that_was_killed_and_started_again_waits_for_the_end_of_its_earlier_lease()
    {
        var first = _lab.Start("one");
        _lab.Advance(4);
        first.Link.Set(LinkState.Silent);
        var second = _lab.Start("one", new LabSettings(Life: "another"));
        _lab.Advance(11);
        Assert.True(second.Part.HasPlace);
        Assert.False(second.Part.Refused.IsCompleted);
    }

    [Fact]
    public void A_store_that_was_away_may_have_extended_the_lease_of_the_earlier_life()
    {
        var first = _lab.Start("one");
        first.Link.Set(LinkState.Silent);
        var second = _lab.Start("one", new LabSettings(Life: "another"));
        _lab.Advance(9);
        second.Link.Set(LinkState.Refusing);
        _lab.Advance(0.5);
        _lab.Etcd.ExtendLeases();
        _lab.Advance(0.6);
        second.Link.Set(LinkState.Up);
        _lab.Advance(10.5);
        Assert.True(second.Part.HasPlace);
        Assert.False(second.Part.Refused.IsCompleted);
    }

    [Fact]
    public void Who_has_had_a_place_goes_on_trying()
    {
        var first = _lab.Start("one", 1);
        first.Link.Set(LinkState.Silent);
        _lab.Advance(10.1);
        var second = _lab.Start("one", 2);
        first.Link.Set(LinkState.Up);
        _lab.Advance(60);
        Assert.Single(first.Log.Of(602), line => line.Text.Contains("another node is called one", StringComparison.Ordinal));
        Assert.False(first.Part.Refused.IsCompleted);
        second.Link.Set(LinkState.Silent);
        _lab.Advance(12);
        Assert.Equal(2, first.Joins);
    }

    [Fact]
    public void A_stranger_under_its_name_that_says_nothing_of_a_life_is_another_node_too()
    {
        _lab.Commit(new StoreTransaction(new StoreOperation.Put(ClusterKeys.Node("one"), "what?")));
        var node = _lab.Start("one");
        _lab.Advance(14);
        Assert.Equal("another node is called one: the one at an address that cannot be read", Refusal(node));
    }

    [Fact]
    public void What_the_store_refuses_for_certain_is_said_at_once()
    {
        foreach (var failure in new[] { StoreFailure.Refused, StoreFailure.Unusable })
        {
            var node = _lab.Start("one", new LabSettings(Refusal: new StoreError(failure, MayBeDone: false, "etcd at X: wrong password")));
            Assert.Equal("etcd at X: wrong password", Refusal(node));
            _lab.Advance(30);
            Assert.Single(node.Log.Of(602));
            // Somebody has seen to it.
            node.Link.Refusal = null;
            _lab.Advance(1.1);
            Assert.True(node.Part.HasPlace);

            // And what is refused later is no reason to give up.
            node.Link.Refusal = new StoreError(failure, MayBeDone: false, "etcd at X: no such role");
            _lab.Advance(20);
            Assert.False(node.Part.HasPlace);
            node.Link.Refusal = null;
            _lab.Advance(2);
            Assert.True(node.Part.HasPlace);
            node.Part.LeaveAsync();
            _lab.Run();
        }
    }

    [Fact]
    public void A_node_may_start_before_the_store_does()
    {
        var node = _lab.Start("one", new LabSettings(State: LinkState.Refusing));
        _lab.Advance(300);
        Assert.False(node.Part.Refused.IsCompleted);
        Assert.Single(node.Log.Of(602));
        node.Link.Set(LinkState.Up);
        _lab.Advance(1.1);
        Assert.True(node.Part.HasPlace);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    [InlineData(0.45)]
    [InlineData(0.65)]
    public void A_pause_in_the_midst_of_joining_makes_no_place_of_a_lease_that_is_over(double after)
    {
        var node = _lab.Start("one", new LabSettings { Delay = TimeSpan.FromMilliseconds(200) });
        _lab.Advance(after);
        // Time passes, and nothing of it runs; what was on its way arrives.
        _lab.Actors.Time.Advance(TimeSpan.FromSeconds(15));
        _lab.Run();
        Assert.False(node.Part.HasPlace);
        _lab.Advance(4);
        Assert.True(node.Part.HasPlace);
        Assert.Equal(node.Fence.Place!.Lease, Assert.Single(_lab.Etcd.Items).Lease);
        Assert.Equal((1, 0), (node.Joins, node.Losses));
    }

    private static string Refusal(LabNode node)
    {
        Assert.True(node.Part.Refused.IsCompletedSuccessfully, "nothing was refused");
        return node.Part.Refused.Result;
    }
}
