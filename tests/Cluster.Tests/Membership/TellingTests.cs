using Instancer.TestKit.Cluster;

namespace Instancer.Cluster.Tests.Membership;

/// <summary>What a node tells of itself is under its key, and what is under its key is what it told.</summary>
public sealed class TellingTests
{
    private readonly ClusterLab _lab = new();

    [Fact]
    public void What_there_is_to_do_is_told_and_not_more_often_than_every_second()
    {
        var (one, two) = (_lab.Start("one"), _lab.Start("two", 2));
        Report(one, 1);
        _lab.Advance(1.1);
        Assert.Equal(new ChallengeLoad(1, 10), Loads(two)["pwn"]);

        var before = _lab.Etcd.Revision;
        for (var i = 0; i < 100; i++)
        {
            Report(one, i);
            _lab.Advance(0.05);
        }

        Assert.InRange(_lab.Etcd.Revision - before, 4, 6);
        _lab.Advance(1);
        Assert.Equal(new ChallengeLoad(99, 10), Loads(two)["pwn"]);

        // What has not changed is not told again.
        before = _lab.Etcd.Revision;
        Report(one, 99);
        _lab.Advance(20);
        Assert.Equal(before, _lab.Etcd.Revision);
    }

    [Fact]
    public void That_it_is_about_to_leave_is_told()
    {
        var (one, two) = (_lab.Start("one"), _lab.Start("two", 2));
        one.Part.AnnounceDraining();
        _lab.Run();
        Assert.True(two.Members.Find("one")!.IsDraining);
        Assert.True(one.Part.HasPlace);
    }

    [Fact]
    public void What_changed_while_it_joined_or_had_no_place_is_told()
    {
        var (one, two) = (_lab.Start("one"), _lab.Start("two", 2));
        one.Link.Set(LinkState.Silent);
        _lab.Advance(10.1);
        Report(one, 7);
        one.Link.Set(LinkState.Up);
        _lab.Advance(5);
        Assert.Equal(new ChallengeLoad(7, 10), Loads(two)["pwn"]);
    }

    [Fact]
    public void What_was_told_and_came_late_is_told_again()
    {
        var (one, two) = (_lab.Start("one"), _lab.Start("two", 2));
        _lab.Advance(1.1);
        // On its way for longer than the node waits for an answer.
        one.Link.Delay = TimeSpan.FromSeconds(4);
        Report(one, 1);
        _lab.Run();
        one.Link.Delay = TimeSpan.Zero;
        _lab.Advance(2.1);
        Report(one, 2);
        _lab.Advance(1.5);
        Assert.Equal(new ChallengeLoad(2, 10), Loads(two)["pwn"]);
        var before = _lab.Etcd.Revision;
        _lab.Advance(2);
        Assert.Equal(before + 2, _lab.Etcd.Revision);
        Assert.Equal(new ChallengeLoad(2, 10), Loads(two)["pwn"]);
        Assert.True(one.Part.HasPlace);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_key_that_is_gone_or_anothers_is_a_place_that_is_lost_at_once(bool isTaken)
    {
        var node = _lab.Start("one");
        _lab.Advance(3.5);
        var key = ClusterKeys.Node("one");
        const string Stranger = """{"advertise":"10.0.0.9:1","life":"stranger"}""";
        _lab.Commit(new StoreTransaction(isTaken ? new StoreOperation.Put(key, Stranger) : new StoreOperation.Delete(KeyRange.One(key))));
        _lab.Run();
        Assert.False(node.Part.HasPlace);
        Assert.Equal(isTaken ? "its key in the store is another's" : "its key in the store is gone", Assert.Single(node.Lost));
        Report(node, 5);
        _lab.Advance(3);
        Assert.Equal(isTaken, _lab.Etcd.Items.Single().Value == Stranger);
        Assert.Equal(!isTaken, node.Part.HasPlace);
        Assert.Equal((1, isTaken ? 0 : 1), (node.Meters["instancer.cluster.fenced"], node.Meters["instancer.cluster.place"]));
    }

    [Fact]
    public void A_lease_that_the_store_ended_is_a_place_that_is_lost_at_once()
    {
        var node = _lab.Start("one");
        Assert.True(_lab.Done(new ValueTask<StoreError?>(_lab.Etcd.Connect().RevokeAsync(node.Fence.Place!.Lease, CancellationToken.None))) is null);
        _lab.Run();
        Assert.Equal(1, node.Losses);
        _lab.Advance(1.1);
        Assert.Equal(2, node.Joins);
    }

    [Fact]
    public void A_key_that_was_deleted_while_nobody_was_told_is_missed_when_it_is_read_again()
    {
        var node = _lab.Start("one");
        node.Link.Set(LinkState.Refusing);
        _lab.Commit(new StoreTransaction(new StoreOperation.Delete(KeyRange.One(ClusterKeys.Node("one")))));
        node.Link.Set(LinkState.Up);
        _lab.Advance(1.1);
        Assert.Equal("its key in the store is gone", Assert.Single(node.Lost));
    }

    [Fact]
    public void A_key_that_was_deleted_before_its_node_knew_that_it_was_there_is_no_place()
    {
        var node = _lab.Start("one", new LabSettings { Delay = TimeSpan.FromMilliseconds(300) });
        while (_lab.Etcd.Items.Count == 0)
        {
            _lab.Advance(0.05);
        }

        Assert.Equal(0, node.Joins);
        _lab.Commit(new StoreTransaction(new StoreOperation.Delete(KeyRange.One(ClusterKeys.Node("one")))));
        _lab.Advance(1);
        Assert.Equal(1, node.Losses);
    }

    [Fact]
    public void A_node_that_was_away_does_not_speak_for_the_one_that_has_its_name_now()
    {
        var first = _lab.Start("one");
        first.Link.Delay = TimeSpan.FromSeconds(12);
        _lab.Advance(1.1);
        Report(first, 3);
        _lab.Advance(10);
        var second = _lab.Start("one", 2);
        Assert.True(second.Part.HasPlace);
        var value = Assert.Single(_lab.Etcd.Items).Value;
        _lab.Advance(5);
        Assert.Equal(value, Assert.Single(_lab.Etcd.Items).Value);
        Assert.True(second.Part.HasPlace);
    }

    private static IReadOnlyDictionary<string, ChallengeLoad> Loads(LabNode at) => at.Part.Nodes.Single(node => node.Name == "one").Challenges;

    private static void Report(LabNode node, int instances) =>
        node.Part.ReportLoad(new Dictionary<string, ChallengeLoad> { ["pwn"] = new(instances, 10) });
}
