using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.TestKit.Cluster;

namespace Instancer.Cluster.Tests.Membership;

/// <summary>What a node left with a key it serves again, unless somebody had the key since.</summary>
public sealed class LeftBackendTests
{
    private static readonly InstanceKey Key = new("pwn", TokenHash.Of("ann"u8), 7);
    private readonly ClusterLab _lab = new();

    [Fact]
    public void Its_next_life_serves_it_again_and_nobody_else_does()
    {
        LeaveBehind("one");
        var two = _lab.Start("two", 2);
        Assert.IsType<KeyOwner.Superseded>(Reclaim(two, "abc"));
        var one = _lab.Start("one", 1);
        Assert.IsType<KeyOwner.Superseded>(Reclaim(one, "another"));
        Assert.IsType<KeyOwner.Here>(Reclaim(one, "abc"));
        Assert.Equal(3, _lab.Etcd.Items.Count);

        // And again while it has it; then it gives it up, and there is nothing to come back to.
        Assert.IsType<KeyOwner.Here>(Reclaim(one, "abc"));
        Assert.IsType<KeyOwner.Elsewhere>(two.Claim(Key));
        Done(one.Ownership.ReleaseAsync(Key, CancellationToken.None));
        Assert.IsType<KeyOwner.Superseded>(Reclaim(one, "abc"));
    }

    [Fact]
    public void Who_has_had_the_key_since_has_made_an_end_of_it()
    {
        LeaveBehind("one");
        var two = _lab.Start("two", 2);
        Assert.IsType<KeyOwner.Here>(two.Claim(Key));
        var one = _lab.Start("one", 1);
        Assert.Equal("two", Assert.IsType<KeyOwner.Elsewhere>(Reclaim(one, "abc")).Node!.Node);
        Done(two.Ownership.ReleaseAsync(Key, CancellationToken.None));
        Assert.IsType<KeyOwner.Superseded>(Reclaim(one, "abc"));
    }

    [Fact]
    public void Who_has_reset_its_token_since_has_made_an_end_of_it()
    {
        LeaveBehind("one");
        var two = _lab.Start("two", 2);
        Assert.Null(_lab.Done(two.Ownership.ResetElsewhereAsync("web", Key.Token, CancellationToken.None)));
        Assert.Null(_lab.Done(two.Ownership.ResetElsewhereAsync("pwn", TokenHash.Of("bob"u8), CancellationToken.None)));
        Assert.Contains(_lab.Etcd.Items, item => item.Key == ClusterKeys.Left(Key));
        Assert.Null(_lab.Done(two.Ownership.ResetElsewhereAsync("pwn", Key.Token, CancellationToken.None)));
        Assert.IsType<KeyOwner.Superseded>(Reclaim(_lab.Start("one", 1), "abc"));
    }

    [Fact]
    public void A_note_is_not_kept_for_ever()
    {
        LeaveBehind("one");
        _lab.Actors.Time.Advance(TimeSpan.FromHours(25));
        _lab.Run();
        Assert.Empty(_lab.Etcd.Items);
    }

    [Fact]
    public void Answers_that_are_lost_are_asked_for_again()
    {
        var one = _lab.Start("one", 1);
        Assert.IsType<KeyOwner.Here>(one.Claim(Key));
        one.Link.LoseAnswers = 3;
        Done(one.Ownership.LeaveAsync(Key, "abc", CancellationToken.None), seconds: 8);
        Assert.Contains(_lab.Etcd.Items, item => item.Key == ClusterKeys.Left(Key));
        one.Link.LoseAnswers = 1;
        Assert.IsType<KeyOwner.Here>(_lab.Done(one.Ownership.ReclaimAsync(Key, "abc", CancellationToken.None), seconds: 2.4));
    }

    [Fact]
    public void Without_a_place_it_is_not_known()
    {
        var one = _lab.Start("one", new LabSettings(State: LinkState.Refusing));
        Assert.Null(Assert.IsType<KeyOwner.Elsewhere>(_lab.Done(one.Ownership.ReclaimAsync(Key, "abc", CancellationToken.None), seconds: 12.05)).Node);
    }

    private void LeaveBehind(string name)
    {
        var node = _lab.Start(name);
        Assert.IsType<KeyOwner.Here>(node.Claim(Key));
        Done(node.Ownership.LeaveAsync(Key, "abc", CancellationToken.None));
        node.Part.LeaveAsync();
        _lab.Run();
        Assert.Equal(ClusterKeys.Left(Key), Assert.Single(_lab.Etcd.Items).Key);
    }

    private KeyOwner Reclaim(LabNode node, string backend) => _lab.Done(node.Ownership.ReclaimAsync(Key, backend, CancellationToken.None));

    private void Done(ValueTask work, double seconds = 0)
    {
        _lab.Run();
        _lab.Advance(seconds);
        Assert.True(work.IsCompletedSuccessfully);
    }
}
