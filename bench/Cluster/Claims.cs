using System.Diagnostics;
using System.Globalization;
using System.Net;
using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.Bench.Actors;
using Instancer.Bench.Net;
using Instancer.Cluster;
using Instancer.TestKit.Cluster;
using Instancer.TestKit.Docker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Bench.Cluster;

/// <summary>Until a node owns a key that nobody had, or knows who does, with one real etcd on loopback: one claim after another, and sixteen at once.</summary>
internal static class Claims
{
    private const int AtOnce = 16;
    private const int Count = 1000;

    public static async Task MeasureAsync(Arguments arguments, Figures figures)
    {
        await using var etcd = await EtcdCluster.StartAsync();
        await using var node = await JoinAsync(etcd, 1);
        await using var other = await JoinAsync(etcd, 2);
        await Until.TrueAsync(() => node.Nodes.Count == 2 && other.Nodes.Count == 2);
        for (var round = -1; round < arguments.Number("rounds", 5); round++)
        {
            // The first one is for the caches.
            var measured = round < 0 ? new Figures() : figures;
            Add(measured, "a write to disk, to compare", Writes(), "");
            foreach (var (way, atOnce) in ((string, int)[])[("one after another", 1), ($"{AtOnce} at once", AtOnce)])
            {
                InstanceKey[] keys = [.. Enumerable.Range(0, Count).Select(_ => new InstanceKey("bench", TokenHash.Random(), 1))];
                Add(measured, $"claim of a new key, {way}", await ClaimAsync<KeyOwner.Here>(node.Ownership, keys, atOnce), atOnce == 1 ? "under 10" : "");
                Add(measured, $"claim of a key that another node owns, {way}", await ClaimAsync<KeyOwner.Elsewhere>(other.Ownership, keys, atOnce), "");
            }
        }

        await node.LeaveAsync();
        await other.LeaveAsync();
    }

    private static async Task<ClusterPart> JoinAsync(EtcdCluster etcd, int number)
    {
        var options = new ClusterOptions { Node = $"node-{number}", Advertise = new IPEndPoint(IPAddress.Loopback, number) };
        var services = new ClusterServices { Time = TimeProvider.System, Loggers = NullLoggerFactory.Instance, Meters = new PlainMeters() };
        var part = ClusterPart.Start(options, etcd.Options, services);
        await Until.TrueAsync(() => part.HasPlace);
        return part;
    }

    private static void Add(Figures figures, string what, double[] ordered, string bar)
    {
        var (p50, p99) = (ordered[ordered.Length / 2], ordered[ordered.Length * 99 / 100]);
        figures.Add($"{what}, p50, ms", p50, bar);
        figures.Add($"{what}, p99, ms", p99);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: p50 {p50:0.00}, p99 {p99:0.00} ms"));
    }

    private static async Task<double[]> ClaimAsync<TExpected>(IKeyOwnership ownership, InstanceKey[] keys, int atOnce)
        where TExpected : KeyOwner
    {
        var times = new double[keys.Length];
        await Parallel.ForAsync(0, keys.Length, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (i, cancellationToken) =>
        {
            var start = Stopwatch.GetTimestamp();
            var owner = await ownership.ClaimAsync(keys[i], hereOnly: false, cancellationToken);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (owner is not TExpected)
            {
                throw new InvalidOperationException($"The claim came to {owner}.");
            }
        });
        Array.Sort(times);
        return times;
    }

    // What etcd does for every change, beside its own work.
    private static double[] Writes()
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var handle = File.OpenHandle(file, FileMode.CreateNew, FileAccess.Write, options: FileOptions.DeleteOnClose);
        var times = new double[Count / 4];
        for (var i = 0; i < times.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            RandomAccess.Write(handle, new byte[512], 512L * i);
            RandomAccess.FlushToDisk(handle);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(times);
        return times;
    }
}
