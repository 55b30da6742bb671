using System.Globalization;
using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.Cluster.Tests.Membership;

namespace Instancer.Cluster.Tests.Placement;

/// <summary>Nodes that place keys by what they know of each other.</summary>
public sealed class PlacementTests
{
    private readonly ClusterLab _lab = new();
    private int _keys;

    [Fact]
    public void What_was_sent_counts_until_it_is_reported()
    {
        var nodes = Nodes(3, new ChallengeLoad(0, 100));
        var owners = Enumerable.Range(0, 30).Select(_ => Place(nodes[0])).ToList();
        // Nobody has reported anything since: all of it is known from what was sent.
        Assert.InRange(owners.Count(owner => owner == "node-0"), 10, 13);
        Assert.InRange(owners.Count(owner => owner == "node-1"), 8, 10);
        Assert.InRange(owners.Count(owner => owner == "node-2"), 8, 10);

        // It was never heard of again.
        _lab.Advance(5);
        Assert.Equal("node-0", Place(nodes[0]));
    }

    [Fact]
    public void What_was_sent_and_never_heard_of_is_room_again()
    {
        var full = _lab.Start("full", new LabSettings(1, Load: new ChallengeLoad(5, 5)));
        _lab.Start("empty", new LabSettings(2, Load: new ChallengeLoad(0, 100)));
        _lab.Start("other", new LabSettings(3, Load: new ChallengeLoad(5, 100)));
        _lab.Advance(1.1);
        string[] each = [.. Enumerable.Range(0, 15).Select(_ => Place(full))];
        Assert.Equal(10, each.Count(owner => owner == "empty"));
        Assert.Contains("other", each[^3..]);

        _lab.Advance(5);
        Assert.All(Enumerable.Range(0, 5).Select(_ => Place(full)), owner => Assert.Equal("empty", owner));
    }

    [Fact]
    public void What_is_reported_counts_instead_of_what_was_sent()
    {
        var nodes = Nodes(2, new ChallengeLoad(0, 100));
        var owners = Enumerable.Range(0, 20).Select(_ => Place(nodes[0])).ToList();
        Assert.InRange(owners.Count(owner => owner == "node-0"), 10, 12);
        Report(nodes[0], new ChallengeLoad(11, 100));
        Report(nodes[1], new ChallengeLoad(9, 100));
        _lab.Advance(1.1);
        owners = [.. Enumerable.Range(0, 20).Select(_ => Place(nodes[0]))];
        Assert.InRange(owners.Count(owner => owner == "node-0"), 9, 12);
    }

    [Fact]
    public void Who_is_to_leave_or_does_not_offer_the_challenge_gets_nothing()
    {
        var full = _lab.Start("full", new LabSettings(1, Load: new ChallengeLoad(5, 5)));
        var leaving = _lab.Start("leaving", new LabSettings(2, Load: new ChallengeLoad(0, 100)));
        _lab.Start("other", 3);
        leaving.Part.AnnounceDraining();
        _lab.Run();
        Assert.Equal("full", Place(full));
        _lab.Start("free", new LabSettings(4, Load: new ChallengeLoad(0, 100)));
        Assert.Equal("free", Place(full));
        Assert.Equal("free", Place(leaving));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("""{"advertise":"127.0.0.1:2","draining":true,"challenges":{"pwn":{"instances":0,"max":100}}}""")]
    [InlineData("what?")]
    public void Who_has_just_vanished_or_begun_to_leave_is_not_chosen(string? value)
    {
        var full = _lab.Start("full", new LabSettings(1, Load: new ChallengeLoad(5, 5)));
        _lab.Start("best", new LabSettings(2, Load: new ChallengeLoad(0, 100)));
        _lab.Start("next", new LabSettings(3, Load: new ChallengeLoad(50, 100)));
        Assert.Equal("best", Place(full));
        // It is so in the store, and the node that chooses has not heard.
        var key = ClusterKeys.Node("best");
        _lab.Commit(new StoreTransaction(value is null ? new StoreOperation.Delete(KeyRange.One(key)) : new StoreOperation.Put(key, value)));
        var table = full.Members;
        table.Apply([new StoreChange(key, """{"advertise":"127.0.0.1:2","challenges":{"pwn":{"instances":0,"max":100}}}""", 1, 0)]);
        Assert.Equal("next", Place(full));
    }

    [Fact]
    public void A_key_that_somebody_owns_stays_there_and_one_that_is_for_here_only_is_taken()
    {
        var full = _lab.Start("full", new LabSettings(1, Load: new ChallengeLoad(5, 5)));
        var free = _lab.Start("free", new LabSettings(2, Load: new ChallengeLoad(0, 100)));
        Assert.IsType<KeyOwner.Here>(full.Claim(Key(1), hereOnly: true));
        Assert.Equal("full", Assert.IsType<KeyOwner.Elsewhere>(free.Claim(Key(1), hereOnly: true)).Node!.Node);
        // It would be placed elsewhere if it were not owned.
        Assert.IsType<KeyOwner.Here>(full.Claim(Key(1)));
        Assert.Equal("free", Assert.IsType<KeyOwner.Elsewhere>(full.Claim(Key(2))).Node!.Node);
        Assert.IsType<KeyOwner.Here>(free.Claim(Key(2), hereOnly: true));
    }

    [Fact]
    public void Fifty_nodes_fill_evenly_whatever_arrives_at_one_of_them()
    {
        var nodes = Nodes(50, new ChallengeLoad(0, 100));
        var owners = Enumerable.Range(0, 500).Select(_ => Place(nodes[17])).GroupBy(owner => owner).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(50, owners.Count);
        Assert.InRange(owners["node-17"], 10, 13);
        Assert.All(owners.Where(owner => owner.Key != "node-17"), owner => Assert.InRange(owner.Value, 9, 10));
    }

    [Fact]
    public void A_claim_that_the_store_refuses_is_answered()
    {
        var node = _lab.Start("one");
        node.Link.Refusal = new StoreError(StoreFailure.Refused, MayBeDone: false, "no permission");
        Assert.Equal("no permission", Assert.IsType<KeyOwner.Elsewhere>(node.Claim(Key(1))).Reason);
        var release = node.Ownership.ReleaseAsync(Key(1), CancellationToken.None);
        _lab.Run();
        Assert.True(release.IsCompletedSuccessfully);
        Assert.Single(node.Log.Of(604));
    }

    private List<LabNode> Nodes(int count, ChallengeLoad load)
    {
        var nodes = Enumerable.Range(0, count)
            .Select(i => _lab.Start(string.Create(CultureInfo.InvariantCulture, $"node-{i}"), new LabSettings(i + 1, Load: load))).ToList();
        _lab.Advance(1.1);
        return nodes;
    }

    private static void Report(LabNode node, ChallengeLoad load) => node.Part.ReportLoad(new Dictionary<string, ChallengeLoad> { ["pwn"] = load });

    private string Place(LabNode at) => at.Claim(Key(++_keys + 100)) switch
    {
        KeyOwner.Here => at.Part.Nodes.Single(node => node.IsHere).Name,
        KeyOwner.Elsewhere { Node: { } node } => node.Node,
        var other => other.ToString(),
    };

    private static InstanceKey Key(int number) => new("pwn", TokenHash.Of("ann"u8), (ushort)number);
}
