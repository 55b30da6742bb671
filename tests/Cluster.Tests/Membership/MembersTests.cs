using System.Net;
using Instancer.Cluster.Membership;
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
        foreach (var value in new[] { "", "{", "{}", """{"advertise":"nowhere"}""", "[]", "null" })
        {
            _lab.Commit(new StoreTransaction(new StoreOperation.Put(ClusterKeys.Node("two"), value)));
            Assert.Equal(["one"], Names(one));
        }
    }

    [Fact]
    public void What_a_later_version_says_besides_is_no_obstacle()
    {
        var one = _lab.Start("one");
        const string Value = """
            {"version":9,"advertise":"10.0.0.2:7946","life":"x","mood":{"good":[1,2]},"challenges":{"pwn":{"instances":3,"max":9,"queued":4},"web":null}}
            """;
        _lab.Commit(new StoreTransaction(new StoreOperation.Put(ClusterKeys.Node("two"), Value)));
        var two = Assert.Single(one.Part.Nodes, node => !node.IsHere);
        Assert.Equal(("two", "10.0.0.2:7946", false), (two.Name, two.Advertise.ToString(), two.IsDraining));
        Assert.Equal(new ChallengeLoad(3, 9), Assert.Single(two.Challenges).Value);
        Assert.Equal(2, one.Meters["instancer.cluster.nodes"]);
    }

    [Fact]
    public void What_is_told_is_what_is_read()
    {
        var member = new Member("one", IPEndPoint.Parse("[fd00::1]:7946"))
        {
            Life = "abc",
            IsDraining = true,
            Loads = new Dictionary<string, ChallengeLoad> { ["web"] = new(1, int.MaxValue), ["pwn"] = new(0, 4) },
        };
        const string Value =
            """{"version":1,"advertise":"[fd00::1]:7946","life":"abc","draining":true,"challenges":{"pwn":{"instances":0,"max":4},"web":{"instances":1,"max":2147483647}}}""";
        Assert.Equal(Value, member.ToValue());
        Assert.True(Member.TryParse("one", Value, out var read));
        Assert.Equal(Value, read.ToValue());
    }

    private static string[] Names(LabNode node) => [.. node.Members.All.Select(member => member.Name).Order(StringComparer.Ordinal)];
}
