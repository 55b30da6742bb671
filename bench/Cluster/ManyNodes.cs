using System.Globalization;
using Instancer.Bench.Actors;
using Instancer.Bench.Net;
using Instancer.Cluster;
using Instancer.Cluster.Membership;
using Instancer.Cluster.Placement;

namespace Instancer.Bench.Cluster;

/// <summary>
/// What a connection costs the nodes to find its owner or to place it, by the number of nodes and keys, on the model of etcd. It is done twice: with the
/// model, and with the answers that the model gave, so that the nodes' own part is known.
/// </summary>
internal static class ManyNodes
{
    /// <summary>So many of each kind in a round.</summary>
    public const int Connections = 20_000;

    private const string Bar = "flat";

    public static Task MeasureAsync(Arguments arguments, Figures figures)
    {
        var rounds = arguments.Number("rounds", 5);
        foreach (var keys in (int[])[1_000, 100_000, 1_000_000])
        {
            foreach (var nodes in (int[])[10, 100, 1_000])
            {
                var cluster = new ModelCluster(nodes, keys);
                var size = string.Create(CultureInfo.InvariantCulture, $"{nodes:#,0} nodes, {keys:#,0} keys");
                for (var round = -1; round < rounds; round++)
                {
                    // The first one is for the caches.
                    Measure(cluster, size, round < 0 ? new Figures() : figures);
                }

                Console.Error.WriteLine($"{size}: done");
            }
        }

        foreach (var nodes in (int[])[10, 100, 1_000])
        {
            var size = string.Create(CultureInfo.InvariantCulture, $"{nodes:#,0} nodes");
            for (var round = -1; round < rounds; round++)
            {
                (round < 0 ? new Figures() : figures).Add($"{size}: to hear what one of them has to do now, µs of CPU", Hear(nodes), Bar);
            }
        }

        return Task.CompletedTask;
    }

    private static void Measure(ModelCluster cluster, string size, Figures figures)
    {
        (string What, Action<int> Connect)[] kinds = [("a key that is owned", cluster.FindKnown), ("a new key", cluster.PlaceNew)];
        foreach (var (what, connect) in kinds)
        {
            cluster.Renew();
            cluster.Store.Keeps = true;
            var all = Each(() => connect(Connections));
            cluster.Store.Keeps = false;

            cluster.Renew();
            cluster.Store.Repeats = true;
            var own = Each(() => connect(Connections));
            cluster.Store.Repeats = false;
            figures.Add($"{size}: {what}, of the nodes, µs of CPU", own, Bar);
            figures.Add($"{size}: {what}, the model of etcd included, µs of CPU", all);
        }

        cluster.RemoveNew(Connections);
    }

    private static double Each(Action work)
    {
        // What is left of before is not collected at its expense.
        GC.Collect();
        return Figures.Time(work).Cpu * 1e6 / Connections;
    }

    // As the watch on the nodes' keys brings it, once in a second of each node at most.
    private static double Hear(int nodes)
    {
        var members = new MemberTable();
        var told = Enumerable.Range(0, Connections).Select(i => Told(i % nodes, i)).ToList();
        members.Set(told.Take(nodes).Select(change => new KeyValue(change.Key, change.Value!, change.ModRevision, change.ModRevision, 1)));
        // It keeps what it chooses from.
        new Placer(ModelNode.Options(nodes), members, new Load(), TimeProvider.System).Choose(ModelNode.Challenge, []);
        return Each(() =>
        {
            foreach (var change in told)
            {
                members.Apply([change]);
            }
        });
    }

    private static StoreChange Told(int node, int instances)
    {
        var (key, value) = ModelNode.Told(node, new ChallengeLoad(instances, Connections));
        return new StoreChange(key, value, instances + 1, 1);
    }
}
