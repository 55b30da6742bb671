using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.Cluster;
using Instancer.Cluster.Membership;
using Instancer.TestKit;
using Instancer.TestKit.Cluster;

namespace Instancer.Bench.Cluster;

/// <summary>Many nodes on the model of etcd that own many keys between them. All know the same of each other, so they share one table of it.</summary>
internal sealed class ModelCluster
{
    /// <summary>Clients come to so many of the nodes, however many there are: more would only ask more of this one processor's caches than one node asks of its own.</summary>
    private const int Entries = 10;

    private readonly VirtualTime _time = new();
    private readonly FakeEtcd _etcd;
    private readonly int _keys;
    private readonly long[] _leases;
    private ModelNode[] _nodes = [];

    public ModelCluster(int nodes, int keys)
    {
        _etcd = new FakeEtcd(_time, action => action());
        Store = new ModelStore(_etcd);
        _keys = keys;
        // Twice the room for what is there and for what comes.
        Load = new ChallengeLoad(keys / nodes, 2 * (keys + ManyNodes.Connections) / nodes);
        _leases = [.. Enumerable.Range(0, nodes).Select(_ => _etcd.Grant(TimeSpan.FromSeconds(10)).Id)];
        for (var i = 0; i < nodes; i++)
        {
            var (key, value) = ModelNode.Told(i, Load);
            _etcd.Commit(new StoreTransaction(new StoreOperation.Put(key, value, _leases[i])));
        }

        Renew();
        for (var i = 0; i < keys; i++)
        {
            Expect(_nodes[i % nodes].Claim(Known(i), hereOnly: true) is KeyOwner.Here);
            if (i % 1000 == 0)
            {
                _etcd.Compact(_etcd.Revision);
            }
        }
    }

    public ModelStore Store { get; }

    /// <summary>What every node has told of itself.</summary>
    public ChallengeLoad Load { get; }

    /// <summary>Has the nodes remember nothing but what is in the store.</summary>
    public void Renew()
    {
        var members = new MemberTable();
        members.Set(_etcd.Range(KeyRange.Below(ClusterKeys.Nodes)).Items);
        _nodes = [.. _leases.Select((lease, i) => new ModelNode(i, lease, Store, members, Load, _time))];
    }

    /// <summary>Clients of instances that are there come to nodes that do not know of them.</summary>
    public void FindKnown(int connections)
    {
        var random = new Random(1);
        for (var i = 0; i < connections; i++)
        {
            var key = random.Next(_keys);
            var (at, owner) = (random.Next(Entries), key % _nodes.Length);
            var answer = _nodes[at].Claim(Known(key), hereOnly: false);
            Expect(at == owner ? answer is KeyOwner.Here : answer is KeyOwner.Elsewhere { Node: { } node } && ModelNode.Number(node) == owner);
        }
    }

    /// <summary>Clients of no instance yet come: each key is placed, and claimed where it is placed.</summary>
    public void PlaceNew(int connections)
    {
        var random = new Random(2);
        for (var i = 0; i < connections; i++)
        {
            var key = New(i);
            var answer = _nodes[random.Next(Entries)].Claim(key, hereOnly: false);
            if (answer is KeyOwner.Elsewhere { Node: { } node })
            {
                answer = _nodes[ModelNode.Number(node)].Claim(key, hereOnly: true);
            }

            Expect(answer is KeyOwner.Here);
        }
    }

    /// <summary>Removes what <see cref="PlaceNew"/> has added.</summary>
    public void RemoveNew(int connections)
    {
        for (var i = 0; i < connections; i++)
        {
            _etcd.Commit(new StoreTransaction(new StoreOperation.Delete(KeyRange.One(ClusterKeys.Instance(New(i))))));
        }

        _etcd.Compact(_etcd.Revision);
    }

    private static InstanceKey Known(int i) => new(ModelNode.Challenge, TokenHash.Of(BitConverter.GetBytes(i)), 1);

    private static InstanceKey New(int i) => new(ModelNode.Challenge, TokenHash.Of(BitConverter.GetBytes(i)), 2);

    private static void Expect(bool condition)
    {
        if (!condition)
        {
            throw new InvalidOperationException("What was measured did not do what it should.");
        }
    }
}
