using System.Globalization;
using System.Security.Cryptography;
using Instancer.Actors;
using Instancer.Bench.Actors;
using Instancer.Bench.Net;
using Instancer.Bench.Start;
using Instancer.Cluster;
using Instancer.Cluster.Etcd;
using Instancer.TestKit.Cluster;

namespace Instancer.Bench.Cluster;

/// <summary>
/// The same instance through the node that has it and through the other one, in turn. Each of the two nodes has an instance, and every round takes the
/// other one: so that neither way is always the same process's.
/// </summary>
internal static class ForwardedSessions
{
    private static readonly string[] Names = ["node-1", "node-2"];

    public static async Task MeasureAsync(Arguments arguments, Figures figures)
    {
        var time = TimeSpan.FromSeconds(arguments.Number("seconds", 2));
        using var gateway = await PublishedGateway.PublishAsync(arguments.Text("gateway"));
        await using var etcd = await EtcdCluster.StartAsync();
        var secret = RandomNumberGenerator.GetHexString(64);
        using var first = Start(Names[0]);
        using var second = Start(Names[1]);
        ClusterNode[] nodes = [first, second];
        for (byte instance = 1; instance <= nodes.Length; instance++)
        {
            // Whoever is asked first has it; and the caches of both ways are warm.
            LoadClient.RoundTrips(nodes[instance - 1].To(instance), 1, TimeSpan.FromMilliseconds(500));
            LoadClient.RoundTrips(nodes[^instance].To(instance), 1, TimeSpan.FromMilliseconds(500));
        }

        for (var round = 0; round < arguments.Number("rounds", 5); round++)
        {
            await ExpectOwnersAsync(etcd);
            var instance = (byte)((round % nodes.Length) + 1);
            var (local, forwarded) = (nodes[instance - 1].To(instance), nodes[^instance].To(instance));
            foreach (var scenario in Scenarios(time))
            {
                // The other way first in each round, but not always the same with the same instance.
                double there, here;
                if (round / nodes.Length % 2 == 0)
                {
                    (here, there) = (scenario.Measure(local), scenario.Measure(forwarded));
                }
                else
                {
                    (there, here) = (scenario.Measure(forwarded), scenario.Measure(local));
                }

                figures.Add($"{scenario.Name}, local, {scenario.Unit}", here);
                figures.Add($"{scenario.Name}, forwarded, {scenario.Unit}", there);
                figures.Add($"{scenario.Name}, {scenario.Comparison}", scenario.Compare(there, here), scenario.Bar);
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{scenario.Name}: {here:0.#} local, {there:0.#} forwarded"));
            }
        }

        await ExpectOwnersAsync(etcd);

        ClusterNode Start(string name) => (ClusterNode)new ClusterNode(gateway.Executable, name, etcd.Endpoints[0], secret).Start(0, 0);
    }

    private static IEnumerable<Way> Scenarios(TimeSpan time)
    {
        foreach (var sessions in (int[])[1, 16])
        {
            yield return Ratio($"bulk up, {Of(sessions)}", node => LoadClient.Upload(node, sessions, time) / 1e6);
            yield return Ratio($"bulk down, {Of(sessions)}", node => LoadClient.Download(node, sessions, time) / 1e6);
        }

        yield return Difference("round trip of 64 bytes, p50", "60 or less", node => Median(LoadClient.RoundTrips(node, 1, time)));
        yield return Difference("connect to first answer, p50", "", node => Median(LoadClient.FirstAnswers(node, time)));
    }

    private static Way Ratio(string name, Func<Contender, double> measure) => new(name, "MB/s", measure, "the ratio", (there, here) => there / here, "0.7 or more");

    private static Way Difference(string name, string bar, Func<Contender, double> measure) => new(name, "µs", measure, "the difference", (there, here) => there - here, bar);

    private static string Of(int sessions) => sessions == 1 ? "1 session" : $"{sessions} sessions";

    private static double Median(double[] ordered) => ordered[ordered.Length / 2] * 1e6;

    private static async Task ExpectOwnersAsync(EtcdCluster etcd)
    {
        using var store = new EtcdStore(etcd.Options, TimeProvider.System);
        for (ushort instance = 1; instance <= Names.Length; instance++)
        {
            var key = ClusterKeys.Instance(new InstanceKey("work", TokenHash.Of(LoadClient.PreambleToken), instance));
            var answer = await store.RangeAsync(KeyRange.One(key), CancellationToken.None);
            if (answer.Value?.Items is not [{ } item] || item.Value != Names[instance - 1])
            {
                throw new InvalidOperationException($"Instance {instance} is not at {Names[instance - 1]}.");
            }
        }
    }

    /// <summary>Something that is measured both ways.</summary>
    private sealed record Way(
        string Name, string Unit, Func<Contender, double> Measure, string Comparison, Func<double, double, double> Compare, string Bar);
}
