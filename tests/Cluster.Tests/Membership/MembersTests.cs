using Instancer.TestKit.Cluster;

namespace Instancer.Cluster.Tests.Membership;

/// <summary>Every node knows the others.</summary>
public sealed class MembersTests
{
    private readonly ClusterLab _lab = new();

    [Fact]
    public void Nodes_are_known_from_when_they_join_until_their_lease_ends()
    {
        var one = _lab.Start("one", 1);
        var two = _lab.Start("two", 2);
        Assert.Equal(["one", "two"], Names(one));
        Assert.Equal(2, one.Members.Find("two")!.Advertise.Port);
        two.Link.Set(LinkState.Silent);
        _lab.Advance(10.1);
        Assert.Equal(["one"], Names(one));
        Assert.Null(one.Members.Find("two"));
        two.Link.Set(LinkState.Up);
        _lab.Advance(6);
        Assert.Equal(["one", "two"], Names(one));
    }

    [Theory]
    [InlineData(LinkState.Silent)]
    [InlineData(LinkState.Refusing)]
    internal void Who_could_not_hear_knows_no_less_and_catches_up(LinkState cut)
    {
        var one = _lab.Start("one");
        one.Link.Set(cut);
        _lab.Advance(1);
        _lab.Start("two");
        Assert.Equal(["one"], Names(one));
        // What it missed is forgotten by the store.
        _lab.Etcd.Compact(_lab.Etcd.Revision);
        one.Link.Set(LinkState.Up);
        _lab.Advance(6);
        Assert.Equal(["one", "two"], Names(one));
    }

    [Fact]
    public void A_value_that_nobody_can_read_is_no_member()
    {
        var one = _lab.Start("one");
        var other = _lab.Etcd.Connect();
        foreach (var value in new[] { "", "{", "{}", """{"advertise":"nowhere"}""", "[]", "null" })
        {
            var put = new StoreTransaction(new StoreOperation.Put(ClusterKeys.Node("two"), value));
            Assert.True(_lab.Done(new ValueTask<StoreResult<TransactionAnswer>>(other.CommitAsync(put, CancellationToken.None))).Succeeded);
            Assert.Equal(["one"], Names(one));
        }
    }

    private static string[] Names(LabNode node) => [.. node.Members.All.Select(member => member.Name).Order(StringComparer.Ordinal)];
}
