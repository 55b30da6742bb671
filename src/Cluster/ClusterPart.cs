using System.Security.Cryptography;
using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;
using Instancer.Cluster.Etcd;
using Instancer.Cluster.Following;
using Instancer.Cluster.Membership;
using Instancer.Cluster.Ownership;
using Instancer.Cluster.Placement;
using Instancer.Cluster.Resets;
using Microsoft.Extensions.Logging;

namespace Instancer.Cluster;

/// <summary>A node's part in a cluster: its place there, what it knows of the others, and who owns which key. Any thread may use it.</summary>
public sealed class ClusterPart : IAsyncDisposable
{
    /// <summary>How many questions about keys the store is asked at once. More would not be answered sooner.</summary>
    private const int MostAtOnce = 64;

    private readonly ClusterOptions _options;
    private readonly IKeyValueStore _store;
    private readonly IDisposable? _connection;
    private readonly ILogger _logger;
    private readonly Load _load = new();
    private readonly PlaceEvents _events;
    private readonly ActorRef<MembershipMessage> _membership;

    internal ClusterPart(
        ClusterOptions options, IKeyValueStore store, Dispatcher dispatcher, ClusterServices services, string life, IDisposable? connection = null)
    {
        Check(options);
        (_options, _connection) = (options, connection);
        _store = new SteadyStore(store, () => _membership!.Tell(new MembershipMessage.StoreWentBack()));
        _logger = services.Loggers.CreateLogger("Instancer.Cluster");
        Fence = new Fence(services.Time);
        var metrics = new ClusterMetrics(services.Meters, () => HasPlace);
        _events = new PlaceEvents(services.PlaceLost, metrics);
        Ownership = new StoreOwnership(
            options, new BoundedStore(_store, MostAtOnce), Fence, Members, new Placer(options, Members, _load, services.Time), metrics, services.Time, _logger);
        System = new ActorSystem($"{options.Node}-cluster", dispatcher, services.Time, _logger);
        var scope = new MembershipScope(options, life, _store, Fence, _load, _events, _logger);
        _membership = System.Spawn(() => new MembershipActor(scope), "membership");
        var members = new MembersFollower(options.Node, Members, _membership, metrics);
        System.Spawn(() => new FollowingActor(_store, ClusterKeys.Nodes, members), "members");
    }

    /// <summary>Who owns a key. A claim without a place waits for one, for a little longer than <see cref="ClusterOptions.Lease"/>.</summary>
    public IKeyOwnership Ownership { get; }

    /// <summary>The nodes that this one knows, itself among them once it has joined, by name.</summary>
    public IReadOnlyList<NodeInfo> Nodes => [.. Members.All.OrderBy(member => member.Name, StringComparer.Ordinal)
        .Select(member => new NodeInfo(member.Name, member.Advertise, member.Name == _options.Node, member.IsDraining, member.Loads))];

    /// <summary>Whether this node may serve at this moment.</summary>
    public bool HasPlace => Fence.Place is not null;

    /// <summary>
    /// Ends, if ever, when it is certain that this node cannot join, with the reason in one line: its name is another's, or the store has answered and will not have it. Never
    /// for a node that has had a place, which goes on trying.
    /// </summary>
    public Task<string> Refused => _events.Refusal;

    /// <summary>Ends when all has stopped; faulted if an actor's failure was escalated to the root.</summary>
    public Task Completion => System.Completion;

    internal ActorSystem System { get; }

    internal Fence Fence { get; }

    internal MemberTable Members { get; } = new();

    /// <summary>Begins to join; the store need not be there yet.</summary>
    /// <param name="options">This node.</param>
    /// <param name="etcd">The store.</param>
    /// <param name="services">What it needs of the process.</param>
    /// <exception cref="ArgumentOutOfRangeException">The times make no sense together, or no endpoint is named.</exception>
    public static ClusterPart Start(ClusterOptions options, EtcdOptions etcd, ClusterServices services)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(etcd);
        ArgumentNullException.ThrowIfNull(services);
        Check(options);
        var store = new EtcdStore(etcd, services.Time);
        return new ClusterPart(options, store, new ThreadPoolDispatcher(), services, RandomNumberGenerator.GetHexString(32, lowercase: true), store);
    }

    /// <summary>
    /// Says what this node has to do now: the others hear of it within about a second. A challenge that is not named is not offered, and nothing is placed here for it: so this is to be called
    /// before the first client is served.
    /// </summary>
    /// <param name="challenges">How much there is, by the name of the challenge.</param>
    public void ReportLoad(IReadOnlyDictionary<string, ChallengeLoad> challenges)
    {
        ArgumentNullException.ThrowIfNull(challenges);
        _load.Set(challenges);
        _membership.Tell(new MembershipMessage.LoadChanged());
    }

    /// <summary>Says that this node is about to leave: nothing new is placed here. It keeps its place and what it owns.</summary>
    public void AnnounceDraining()
    {
        _load.Drain();
        _membership.Tell(new MembershipMessage.LoadChanged(IsUrgent: true));
    }

    /// <summary>
    /// Begins to remove what other nodes have marked for a reset; to be called once, when there is somebody to do it.
    /// </summary>
    /// <param name="stop">
    /// Removes the backend of a key, and ends when it is gone, or at once if there is none; throws if that is not certain, and is called again later. May be called again while
    /// an earlier call for the same key goes on.
    /// </param>
    public void ServeResets(Func<InstanceKey, CancellationToken, Task> stop)
    {
        ArgumentNullException.ThrowIfNull(stop);
        System.Spawn(() => new ResetsActor(_options.Node, _store, stop, _logger), "resets");
    }

    /// <summary>Gives up this node's place, and all keys with it, and ends when the store has heard of it or could not be reached.</summary>
    public async Task LeaveAsync()
    {
        _membership.Tell(new MembershipMessage.Leave());
        await Task.WhenAny(_events.Departure, System.Completion).ConfigureAwait(false);
    }

    /// <summary>Stops at once. A place that was not left runs out.</summary>
    public async ValueTask DisposeAsync()
    {
        System.Stop();
        await System.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _connection?.Dispose();
    }

    private static void Check(ClusterOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Lease, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Margin, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.KeepAliveInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(options.KeepAliveInterval, options.Lease - options.Margin);
    }
}
