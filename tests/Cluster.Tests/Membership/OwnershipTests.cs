using System.Net;
using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.TestKit.Cluster;

namespace Instancer.Cluster.Tests.Membership;

/// <summary>Of all nodes one owns a key, and everybody is told which.</summary>
public sealed class OwnershipTests
{
    private static readonly InstanceKey Key = new("pwn", TokenHash.Of("ann"u8), 7);
    private readonly ClusterLab _lab = new();

    [Fact]
    public void Of_nodes_that_claim_a_key_at_once_one_owns_it_and_the_others_know_whose_it_is()
    {
        var nodes = Enumerable.Range(1, 20).Select(i => _lab.Start($"node-{i}", i)).ToList();
        Assert.All(nodes, node => Assert.Equal(20, node.Members.All.Count));
        var claims = nodes.ConvertAll(node => node.Ownership.ClaimAsync(Key, hereOnly: false, CancellationToken.None));
        var owners = claims.ConvertAll(claim => _lab.Done(claim));
        var owner = owners.FindIndex(found => found is KeyOwner.Here);
        Assert.Single(owners, found => found is KeyOwner.Here);
        var address = new NodeAddress($"node-{owner + 1}", new IPEndPoint(IPAddress.Loopback, owner + 1));
        Assert.All(owners.Where(found => found is not KeyOwner.Here), found => Assert.Equal(address, ((KeyOwner.Elsewhere)found).Node));

        // And again it is the same.
        Assert.IsType<KeyOwner.Here>(Claim(nodes[owner]));
        Assert.Equal(address, Assert.IsType<KeyOwner.Elsewhere>(Claim(nodes[(owner + 1) % 20])).Node);
    }

    [Fact]
    public void A_key_that_was_given_up_is_for_everybody_to_take()
    {
        var (one, two) = (_lab.Start("one"), _lab.Start("two"));
        Assert.IsType<KeyOwner.Here>(Claim(one));
        Release(two);
        Assert.IsType<KeyOwner.Elsewhere>(Claim(two));
        Release(one);
        Assert.Equal(2, _lab.Etcd.Items.Count);
        Assert.IsType<KeyOwner.Here>(Claim(two));
    }

    [Fact]
    public void The_keys_of_a_node_that_died_go_with_its_lease()
    {
        var (one, two) = (_lab.Start("one"), _lab.Start("two"));
        Assert.IsType<KeyOwner.Here>(Claim(one));
        one.Link.Set(LinkState.Silent);
        Assert.NotNull(Assert.IsType<KeyOwner.Elsewhere>(Claim(two)).Node);
        _lab.Advance(10.1);
        Assert.Null(two.Members.Find("one"));
        Assert.IsType<KeyOwner.Here>(Claim(two));

        // The other has a new place, and not what it had in the old one.
        one.Link.Set(LinkState.Up);
        _lab.Advance(6);
        Assert.Equal("two", Assert.IsType<KeyOwner.Elsewhere>(Claim(one)).Node?.Node);
    }

    [Fact]
    public void A_claim_whose_answer_is_lost_is_asked_for_again()
    {
        var one = _lab.Start("one");
        one.Link.LoseAnswers = 1;
        Assert.IsType<KeyOwner.Here>(_lab.Done(one.Ownership.ClaimAsync(Key, hereOnly: false, CancellationToken.None), seconds: 2.3));
        one.Link.LoseAnswers = 1;
        var release = one.Ownership.ReleaseAsync(Key, CancellationToken.None);
        _lab.Advance(2.3);
        Assert.True(release.IsCompletedSuccessfully);
        Assert.Single(_lab.Etcd.Items);
    }

    [Fact]
    public void Without_a_place_nothing_is_owned_and_nobody_is_kept_waiting()
    {
        var one = _lab.Start("one");
        Assert.IsType<KeyOwner.Here>(Claim(one));
        one.Link.Set(LinkState.Silent);
        var claim = one.Ownership.ClaimAsync(Key, hereOnly: false, CancellationToken.None);
        var release = one.Ownership.ReleaseAsync(Key, CancellationToken.None);
        _lab.Advance(10.5);
        Assert.True(release.IsCompletedSuccessfully);
        Assert.False(claim.IsCompleted, "it waits for another place, a little longer than a lease lasts");
        Assert.Null(Assert.IsType<KeyOwner.Elsewhere>(_lab.Done(claim, seconds: 10.5)).Node);
        Assert.Null(Assert.IsType<KeyOwner.Elsewhere>(one.Claim(Key, seconds: 12.05)).Node);
    }

    [Fact]
    public void A_claim_without_a_place_is_answered_when_there_is_one()
    {
        var one = _lab.Start("one", new LabSettings(State: LinkState.Refusing));
        var claim = one.Ownership.ClaimAsync(Key, hereOnly: false, CancellationToken.None);
        _lab.Advance(8);
        Assert.False(claim.IsCompleted);
        one.Link.Set(LinkState.Up);
        _lab.Advance(1);
        Assert.IsType<KeyOwner.Here>(_lab.Done(claim));
        Assert.Equal(1, one.Meters["instancer.cluster.claims"]);
    }

    [Fact]
    public void A_claim_without_a_place_can_be_given_up_and_ends_when_the_node_leaves()
    {
        var one = _lab.Start("one", new LabSettings(State: LinkState.Refusing));
        using var giveUp = new CancellationTokenSource();
        var first = one.Ownership.ClaimAsync(Key, hereOnly: false, giveUp.Token);
        var second = one.Ownership.ClaimAsync(Key, hereOnly: false, CancellationToken.None);
        _lab.Advance(1);
        giveUp.Cancel();
        Assert.True(first.IsCanceled);
        one.Part.LeaveAsync();
        Assert.Null(Assert.IsType<KeyOwner.Elsewhere>(_lab.Done(second)).Node);
    }

    [Fact]
    public void A_release_that_comes_late_does_not_end_a_later_claim()
    {
        var one = _lab.Start("one");
        Assert.IsType<KeyOwner.Here>(Claim(one));
        // Its request is under way for as long as it takes.
        one.Link.Delay = TimeSpan.FromSeconds(3);
        var release = one.Ownership.ReleaseAsync(Key, CancellationToken.None);
        _lab.Advance(0.1);
        one.Link.Delay = TimeSpan.Zero;
        _lab.Advance(2.5);
        Assert.True(release.IsCompletedSuccessfully);
        Assert.IsType<KeyOwner.Here>(Claim(one));
        _lab.Advance(5);
        Assert.Contains(_lab.Etcd.Items, item => item.Key == ClusterKeys.Instance(Key));
    }

    [Fact]
    public void An_answer_that_comes_after_the_place_is_lost_counts_for_nothing_and_the_next_place_is_asked_from()
    {
        var one = _lab.Start("one");
        one.Link.Delay = TimeSpan.FromMilliseconds(900);
        var claim = one.Ownership.ClaimAsync(Key, hereOnly: false, CancellationToken.None);
        // The node is paused, and the answer waits for it.
        _lab.Actors.Time.Advance(TimeSpan.FromSeconds(9));
        one.Link.Delay = TimeSpan.Zero;
        var place = Assert.IsType<KeyOwner.Here>(_lab.Done(claim, seconds: 5)).Tenure;
        Assert.Same(one.Fence.Place, place);
        Assert.Equal((2, 1), (one.Joins, one.Losses));
    }

    private static KeyOwner Claim(LabNode node) => node.Claim(Key);

    private void Release(LabNode node)
    {
        var release = node.Ownership.ReleaseAsync(Key, CancellationToken.None);
        _lab.Run();
        Assert.True(release.IsCompletedSuccessfully);
    }
}
