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

/// <summary>Until a node owns a key that nobody had, with one real etcd on loopback: one claim after another, and sixteen at once.</summary>
internal static class Claims
{
    private const int AtOnce = 16;
    private const int Count = 1000;

    public static async Task MeasureAsync(Arguments arguments, Figures figures)
    {
        await using var etcd = await EtcdCluster.StartAsync();
        var options = new ClusterOptions { Node = "bench", Advertise = new IPEndPoint(IPAddress.Loopback, 1) };
        var services = new ClusterServices { Time = TimeProvider.System, Loggers = NullLoggerFactory.Instance, Meters = new PlainMeters() };
        await using var part = ClusterPart.Start(options, etcd.Options, services);
        part.ReportLoad(new Dictionary<string, ChallengeLoad> { ["bench"] = new(0, int.MaxValue) });
        await Until.TrueAsync(() => part.HasPlace);
        for (var round = -1; round < arguments.Number("rounds", 5); round++)
        {
            // The first one is for the caches.
            var measured = round < 0 ? new Figures() : figures;
            Add(measured, "a write to disk, to compare", Writes(), "");
            Add(measured, "claim of a new key, one after another", await ClaimAsync(part.Ownership, 1), "under 10");
            Add(measured, $"claim of a new key, {AtOnce} at once", await ClaimAsync(part.Ownership, AtOnce), "");
        }

        await part.LeaveAsync();
    }

    private static void Add(Figures figures, string what, double[] ordered, string bar)
    {
        var (p50, p99) = (ordered[ordered.Length / 2], ordered[ordered.Length * 99 / 100]);
        figures.Add($"{what}, p50, ms", p50, bar);
        figures.Add($"{what}, p99, ms", p99);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: p50 {p50:0.00}, p99 {p99:0.00} ms"));
    }

    private static async Task<double[]> ClaimAsync(IKeyOwnership ownership, int atOnce)
    {
        var times = new double[Count];
        await Parallel.ForAsync(0, Count, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (i, cancellationToken) =>
        {
            var start = Stopwatch.GetTimestamp();
            var owner = await ownership.ClaimAsync(new InstanceKey("bench", TokenHash.Random(), 1), hereOnly: false, cancellationToken);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (owner is not KeyOwner.Here)
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
