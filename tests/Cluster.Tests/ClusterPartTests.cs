using System.Net;
using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.Cluster.Etcd;
using Instancer.TestKit;
using Instancer.TestKit.Cluster;
using Instancer.TestKit.Docker;

namespace Instancer.Cluster.Tests;

/// <summary>The whole of it on a real etcd, on the thread pool and the real clock.</summary>
public sealed class ClusterPartTests(EtcdFixture fixture) : IClassFixture<EtcdFixture>, IAsyncLifetime
{
    private static readonly InstanceKey Key = new("pwn", TokenHash.Of("ann"u8), 7);
    private readonly List<ClusterPart> _parts = [];
    private readonly string _suffix = Guid.NewGuid().ToString("n")[..8];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var part in _parts)
        {
            await part.LeaveAsync();
            await part.DisposeAsync();
        }
    }

    [EtcdFact]
    public async Task Nodes_know_each_other_and_who_owns_what_and_leave_in_order()
    {
        var lost = new List<string>();
        var (one, two) = (Start("one", 1, new ChallengeLoad(0, 10), lost.Add), Start("two", 2, new ChallengeLoad(0, 10), lost.Add));
        await Until.TrueAsync(() => Known(one) == 2 && Known(two) == 2);
        Assert.True(one.HasPlace && two.HasPlace);
        Assert.Equal(new ChallengeLoad(0, 10), one.Nodes.Single(node => !node.IsHere && Mine(node)).Challenges["pwn"]);

        // The second has it, so the first sends its clients there, and its reset is carried out there.
        Assert.True(Assert.IsType<KeyOwner.Here>(await two.Ownership.ClaimAsync(Key, hereOnly: false, default)).Tenure.Holds);
        Assert.Equal($"two-{_suffix}", Assert.IsType<KeyOwner.Elsewhere>(await one.Ownership.ClaimAsync(Key, hereOnly: false, default)).Node!.Node);
        var stopping = new TaskCompletionSource<InstanceKey>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopped = new TaskCompletionSource();
        two.ServeResets((key, _) =>
        {
            stopping.SetResult(key);
            return stopped.Task;
        });
        var reset = one.Ownership.ResetElsewhereAsync("pwn", Key.Token, default).AsTask();
        Assert.Equal(Key, await stopping.Task.WaitAsync(Until.Deadline, TimeProvider.System));
        Assert.False(reset.IsCompleted);
        stopped.SetResult();
        Assert.Null(await reset.WaitAsync(Until.Deadline, TimeProvider.System));

        // It is full, and sends what is new to the first; that leaves, and the key is for everybody.
        two.ReportLoad(new Dictionary<string, ChallengeLoad> { ["pwn"] = new(10, 10) });
        var other = Key with { Identifier = 8 };
        Assert.Equal($"one-{_suffix}", Assert.IsType<KeyOwner.Elsewhere>(await two.Ownership.ClaimAsync(other, hereOnly: false, default)).Node!.Node);
        Assert.IsType<KeyOwner.Here>(await one.Ownership.ClaimAsync(other, hereOnly: true, default));
        one.AnnounceDraining();
        await Until.TrueAsync(() => two.Nodes.Any(node => node.IsDraining));
        Assert.IsType<KeyOwner.Here>(await two.Ownership.ClaimAsync(Key with { Identifier = 9 }, hereOnly: false, default));
        await one.LeaveAsync();
        Assert.False(one.HasPlace);
        Assert.IsType<KeyOwner.Here>(await two.Ownership.ClaimAsync(other, hereOnly: false, default));
        await two.Ownership.ReleaseAsync(other, default);
        await Until.TrueAsync(() => Known(two) == 1);
        Assert.Empty(lost);
    }

    [EtcdFact]
    public async Task A_name_that_is_taken_is_said()
    {
        var first = Start("one", 1);
        await Until.TrueAsync(() => first.HasPlace);
        var second = Start("one", 2);
        Assert.Equal($"another node is called one-{_suffix}: the one at 127.0.0.1:1", await second.Refused.WaitAsync(Until.Deadline, TimeProvider.System));
        Assert.True(first.HasPlace);
        Assert.False(second.HasPlace);
    }

    [EtcdFact]
    public async Task What_is_no_etcd_is_said_and_one_that_is_not_there_yet_is_waited_for()
    {
        Assert.Equal(
            "etcd at nonsense: that is no URL such as http://HOST:2379",
            await Start("one", 1, etcd: new EtcdOptions { Endpoints = ["nonsense"] }).Refused.WaitAsync(Until.Deadline, TimeProvider.System));

        await using var etcd = await EtcdCluster.StartAsync();
        await etcd.KillAsync(0);
        var early = Start("two", 2, etcd: etcd.Options);
        var claim = early.Ownership.ClaimAsync(Key, hereOnly: false, default).AsTask();
        await etcd.StartAgainAsync(0);
        Assert.IsType<KeyOwner.Here>(await claim.WaitAsync(Until.Deadline, TimeProvider.System));
        Assert.False(early.Refused.IsCompleted);
        await early.LeaveAsync();
    }

    [EtcdFact]
    public async Task A_key_that_somebody_deleted_is_noticed_long_before_the_next_sign_of_life()
    {
        var lost = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var node = Start("one", 1, lost: reason => lost.TrySetResult(reason), keepAlive: TimeSpan.FromSeconds(7));
        await Until.TrueAsync(() => Known(node) == 1);
        using var store = new EtcdStore(fixture.Cluster.Options, TimeProvider.System);
        await store.CommitAsync(new StoreTransaction(new StoreOperation.Delete(KeyRange.One(ClusterKeys.Node($"one-{_suffix}")))), default);
        Assert.Equal("its key in the store is gone", await lost.Task.WaitAsync(Until.Deadline, TimeProvider.System));
        await Until.TrueAsync(() => node.HasPlace);
    }

    [Fact]
    public void Times_that_make_no_sense_together_are_not_taken()
    {
        var options = new ClusterOptions { Node = "one", Advertise = new IPEndPoint(IPAddress.Loopback, 1) };
        foreach (var wrong in new[]
        {
            options with { Lease = TimeSpan.Zero },
            options with { Margin = TimeSpan.FromSeconds(-1) },
            options with { Margin = TimeSpan.FromSeconds(10) },
            options with { KeepAliveInterval = TimeSpan.Zero },
            options with { KeepAliveInterval = TimeSpan.FromSeconds(8) },
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => ClusterPart.Start(wrong, fixture.Cluster.Options, Services(_ => { })));
        }
    }

    private int Known(ClusterPart part) => part.Nodes.Count(Mine);

    private bool Mine(NodeInfo node) => node.Name.EndsWith(_suffix, StringComparison.Ordinal);

    private ClusterPart Start(
        string name, int port, ChallengeLoad? load = null, Action<string>? lost = null, EtcdOptions? etcd = null, TimeSpan? keepAlive = null)
    {
        var options = new ClusterOptions { Node = $"{name}-{_suffix}", Advertise = new IPEndPoint(IPAddress.Loopback, port) };
        var part = ClusterPart.Start(
            options with { KeepAliveInterval = keepAlive ?? options.KeepAliveInterval }, etcd ?? fixture.Cluster.Options, Services(lost ?? (_ => { })));
        if (load is not null)
        {
            part.ReportLoad(new Dictionary<string, ChallengeLoad> { ["pwn"] = load });
        }

        _parts.Add(part);
        return part;
    }

    private static ClusterServices Services(Action<string> lost) =>
        new() { Time = TimeProvider.System, Loggers = new RecordingLogger(), Meters = new MeterLog(), PlaceLost = lost };
}
