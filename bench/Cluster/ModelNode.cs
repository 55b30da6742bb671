using System.Globalization;
using System.Net;
using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.Bench.Actors;
using Instancer.Cluster;
using Instancer.Cluster.Membership;
using Instancer.Cluster.Ownership;
using Instancer.Cluster.Placement;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Bench.Cluster;

/// <summary>What one of many nodes does to own keys and to find their owners; it has a place for good.</summary>
internal sealed class ModelNode
{
    public const string Challenge = "bench";

    private static readonly ClusterMetrics Metrics = new(new PlainMeters(), () => true);
    private readonly StoreOwnership _ownership;

    /// <param name="number">Which of the nodes.</param>
    /// <param name="lease">What its keys go with.</param>
    /// <param name="store">The store.</param>
    /// <param name="members">What it knows of the others.</param>
    /// <param name="has">How much it has to do.</param>
    /// <param name="time">The clock.</param>
    public ModelNode(int number, long lease, IKeyValueStore store, MemberTable members, ChallengeLoad has, TimeProvider time)
    {
        var options = Options(number);
        var fence = new Fence(time);
        fence.Open(new Place(lease, fence), long.MaxValue);
        var load = new Load();
        load.Set(Loads(has));
        var placer = new Placer(options, members, load, time);
        _ownership = new StoreOwnership(options, store, fence, members, placer, Metrics, time, NullLogger.Instance);
    }

    public static ClusterOptions Options(int number) => new() { Node = Name(number), Advertise = Address(number) };

    /// <summary>The node's key as it is in the store.</summary>
    public static (string Key, string Value) Told(int number, ChallengeLoad load) =>
        (ClusterKeys.Node(Name(number)), new Member(Name(number), Address(number)) { Life = "bench", Loads = Loads(load) }.ToValue());

    /// <summary>Which of the nodes it is.</summary>
    public static int Number(NodeAddress node) => node.EndPoint.Port;

    /// <summary>Whose a key is. The store answers at once, and so does this.</summary>
    public KeyOwner Claim(InstanceKey key, bool hereOnly)
    {
        var claim = _ownership.ClaimAsync(key, hereOnly, CancellationToken.None);
        return claim.IsCompletedSuccessfully ? claim.Result : throw new InvalidOperationException("The claim waits.");
    }

    private static Dictionary<string, ChallengeLoad> Loads(ChallengeLoad load) => new() { [Challenge] = load };

    private static IPEndPoint Address(int number) => new(IPAddress.Loopback, number);

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"node-{number:0000}");
}
