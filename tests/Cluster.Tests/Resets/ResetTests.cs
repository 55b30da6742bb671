using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.Cluster.Tests.Membership;
using Instancer.TestKit.Cluster;

namespace Instancer.Cluster.Tests.Resets;

/// <summary>A reset at one node ends when every other has removed what it had.</summary>
public sealed class ResetTests
{
    private static readonly TokenHash Ann = TokenHash.Of("ann"u8);
    private readonly ClusterLab _lab = new();
    private readonly List<Stop> _stops = [];

    [Fact]
    public void It_ends_when_all_backends_are_gone_and_not_before()
    {
        var (one, two, three) = (Start("one", 1), Start("two", 2), Start("three", 3));
        Own(one, 1);
        Own(two, 2);
        Own(two, 12);
        Own(three, 3);
        Assert.IsType<KeyOwner.Here>(two.Claim(new InstanceKey("pwn", TokenHash.Of("bob"u8), 2)));
        Assert.IsType<KeyOwner.Here>(two.Claim(new InstanceKey("web", Ann, 2)));

        var reset = Reset(one);
        _lab.Run();
        Assert.Equal(["three pwn 3", "two pwn 12", "two pwn 2"], Asked());
        foreach (var stop in _stops.ToList())
        {
            Assert.False(reset.IsCompleted);
            stop.Done.SetResult();
            _lab.Run();
        }

        Assert.Null(_lab.Done(reset));
        Assert.Empty(Marks());
        Assert.Equal(3, _stops.Count);
    }

    [Fact]
    public void What_nobody_has_is_gone_already()
    {
        var (one, two) = (Start("one", 1), Start("two", 2));
        Assert.Null(_lab.Done(Reset(one)));
        Own(one, 1);
        Assert.Null(_lab.Done(Reset(one)));
        Own(two, 5);
        var release = two.Ownership.ReleaseAsync(Key(5), CancellationToken.None);
        _lab.Run();
        Assert.True(release.IsCompletedSuccessfully);
        Assert.Null(_lab.Done(Reset(one)));
        Assert.Empty(_stops);
    }

    [Fact]
    public void A_stop_that_failed_is_tried_again_and_the_mark_stays_until_one_has_ended()
    {
        var (one, two) = (Start("one", 1), Start("two", 2));
        Own(two, 1);
        var reset = Reset(one);
        _lab.Run();
        for (var i = 0; i < 3; i++)
        {
            _stops[^1].Done.SetException(new InvalidOperationException("the engine is busy"));
            _lab.Run();
            Assert.Equal(i + 1, _stops.Count);
            Assert.Single(Marks());
            _lab.Advance(1.1);
            Assert.Equal(i + 2, _stops.Count);
        }

        Assert.False(reset.IsCompleted);
        _stops[^1].Done.SetResult();
        Assert.Null(_lab.Done(reset));
        Assert.Equal(3, two.Log.Of(606).Count);
    }

    [Fact]
    public void Who_asks_while_another_is_served_has_what_was_started_since_removed_too()
    {
        var (one, two, three) = (Start("one", 1), Start("two", 2), Start("three", 3));
        Own(two, 1);
        var first = Reset(one);
        _lab.Run();
        var second = Reset(three);
        _lab.Run();
        Assert.Single(_stops);
        _stops[0].Done.SetResult();
        _lab.Run();
        Assert.Equal(2, _stops.Count);
        Assert.False(second.IsCompleted);
        _stops[1].Done.SetResult();
        Assert.Null(_lab.Done(second));
        Assert.Null(_lab.Done(first));
    }

    [Theory]
    [InlineData(LinkState.Refusing)]
    [InlineData(LinkState.Silent)]
    internal void Marks_that_were_set_or_deleted_while_nobody_could_hear_are_found(LinkState cut)
    {
        var (one, two) = (Start("one", 1), Start("two", 2));
        Own(two, 1);
        two.Link.Set(cut);
        var reset = Reset(one);
        _lab.Advance(1);
        Assert.Single(Marks());
        Assert.Empty(_stops);
        _lab.Etcd.Compact(_lab.Etcd.Revision);
        two.Link.Set(LinkState.Up);
        _lab.Advance(5.2);
        Assert.Single(_stops);

        one.Link.Set(cut);
        _stops[0].Done.SetResult();
        _lab.Advance(0.1);
        Assert.Empty(Marks());
        _lab.Etcd.Compact(_lab.Etcd.Revision);
        Assert.False(reset.IsCompleted);
        one.Link.Set(LinkState.Up);
        Assert.Null(_lab.Done(reset, seconds: 5.2));
        Assert.Single(_stops);
    }

    [Fact]
    public void A_mark_whose_deletion_was_not_answered_is_deleted_all_the_same()
    {
        var (one, two) = (Start("one", 1), Start("two", 2));
        Own(two, 1);
        var reset = Reset(one);
        _lab.Run();
        two.Link.Delay = TimeSpan.FromSeconds(60);
        _stops[0].Done.SetResult();
        _lab.Run();
        two.Link.Delay = TimeSpan.Zero;
        Assert.Null(_lab.Done(reset, seconds: 3.2));
        Assert.Single(_stops);
    }

    [Fact]
    public void The_marks_of_a_node_that_died_go_with_it()
    {
        var (one, two) = (Start("one", 1), Start("two", 2));
        Own(two, 1);
        two.Link.Set(LinkState.Silent);
        var reset = Reset(one);
        _lab.Advance(5);
        Assert.False(reset.IsCompleted);
        Assert.Null(_lab.Done(reset, seconds: 5.2));
    }

    [Fact]
    public void A_node_that_does_nothing_about_it_is_not_waited_for_for_ever()
    {
        var (one, two) = (Start("one", 1), Start("two", 2));
        Own(two, 1);
        Assert.Equal("other nodes took too long to remove their instances", _lab.Done(Reset(one), seconds: 60.1));
        using var giveUp = new CancellationTokenSource();
        var reset = one.Ownership.ResetElsewhereAsync("pwn", Ann, giveUp.Token);
        _lab.Advance(1);
        giveUp.Cancel();
        _lab.Run();
        Assert.True(reset.IsCanceled);
    }

    [Fact]
    public void What_the_store_refuses_is_said()
    {
        var one = Start("one", 1);
        one.Link.Refusal = new StoreError(StoreFailure.Refused, MayBeDone: false, "no permission");
        Assert.Equal("no permission", _lab.Done(Reset(one)));
    }

    [Fact]
    public void A_node_that_serves_resets_later_finds_the_marks()
    {
        var (one, two) = (Start("one", 1), _lab.Start("two", 2));
        Own(two, 1);
        var reset = Reset(one);
        _lab.Advance(3);
        Serve(two, "two");
        _lab.Run();
        Assert.Equal(["two pwn 1"], Asked());
        _stops[0].Done.SetResult();
        Assert.Null(_lab.Done(reset));
    }

    [Fact]
    public void An_actor_that_failed_reads_the_marks_again_and_deletes_none_before_its_own_stop_has_ended()
    {
        var one = Start("one", 1);
        FailingStore? store = null;
        var two = Start("two", 2, link => store = new FailingStore(link));
        Own(two, 1);
        Own(two, 2);
        var reset = Reset(one);
        _lab.Run();
        Assert.Equal(2, _stops.Count);
        store!.Failures = 1;
        _stops[0].Done.SetResult();
        _lab.Advance(0.1);
        // Both are asked for again; what the earlier calls say counts no more.
        Assert.Equal(["two pwn 1", "two pwn 1", "two pwn 2", "two pwn 2"], Asked());
        _stops[1].Done.TrySetResult();
        _lab.Advance(2);
        Assert.Equal(2, Marks().Count());
        _stops[2].Done.SetResult();
        _stops[3].Done.SetResult();
        Assert.Null(_lab.Done(reset));
    }

    private LabNode Start(string name, int port, Func<IKeyValueStore, IKeyValueStore>? wrap = null)
    {
        var node = _lab.Start(name, new LabSettings(port) { Wrap = wrap });
        Serve(node, name);
        _lab.Run();
        return node;
    }

    private void Serve(LabNode node, string name) => node.Part.ServeResets((key, cancellationToken) =>
    {
        var stop = new Stop(name, key, new TaskCompletionSource());
        _stops.Add(stop);
        return stop.Done.Task.WaitAsync(cancellationToken);
    });

    private static void Own(LabNode node, int number) => Assert.IsType<KeyOwner.Here>(node.Claim(Key(number)));

    private static ValueTask<string?> Reset(LabNode node) => node.Ownership.ResetElsewhereAsync("pwn", Ann, CancellationToken.None);

    private IEnumerable<string> Asked() =>
        _stops.Select(stop => $"{stop.Node} {stop.Key.Challenge} {stop.Key.Identifier}").Order(StringComparer.Ordinal);

    private IEnumerable<string> Marks() =>
        _lab.Etcd.Items.Select(item => item.Key).Where(key => key.StartsWith(ClusterKeys.Resets, StringComparison.Ordinal));

    private static InstanceKey Key(int number) => new("pwn", Ann, (ushort)number);

    private sealed record Stop(string Node, InstanceKey Key, TaskCompletionSource Done);
}
