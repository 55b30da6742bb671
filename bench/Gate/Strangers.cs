using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Instancer.Bench.Actors;
using Instancer.Bench.Net;
using Instancer.TestKit.Docker;

namespace Instancer.Bench.Gate;

/// <summary>An honest client's connects, quiet and beside thousands of strangers, in turn.</summary>
internal static class Strangers
{
    private const string Bar = "2";

    // What a gateway keeps for everything else, and for the honest.
    private const int Spare = 512;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(60);

    public static async Task MeasureAsync(GateNode node, Arguments arguments, Figures figures)
    {
        var time = TimeSpan.FromSeconds(arguments.Number("seconds", 10));
        var flood = FloodOptions.From(arguments);
        if (node.OpenFileLimit < flood.Total + Spare)
        {
            Console.Error.WriteLine(
                $"The gateway may open {node.OpenFileLimit} files, and takes one for each silent client: of {flood.Total} strangers not all can be connected at once.");
        }

        var quietFiles = node.OpenFiles;
        for (var round = 0; round < arguments.Number("rounds", 3); round++)
        {
            var quiet = HonestClient.Connect(node, time);
            var memory = node.ResidentBytes();
            Honest("quiet", quiet, figures);

            using (var strangers = ChildProcess.Start("nice", ["-n", "19", Environment.ProcessPath!, "gate-flood", .. flood.ToArguments(node.Work)]))
            {
                var connected = strangers.ReadPorts()[0];
                var watch = Stopwatch.StartNew();
                var (ofNode, ofFlood) = (node.CpuTime(), strangers.CpuTime());
                var flooded = HonestClient.Connect(node, time);
                var files = node.OpenFiles - quietFiles;
                Honest("flood", flooded, figures);
                figures.Add("connect, p99 of flood / p99 of quiet", flooded.P99 / quiet.P99, Bar);
                figures.Add("strangers that were connected when it began", connected);
                figures.Add("connections of the gateway at the end of it", files);
                figures.Add("CPU of the gateway during the flood, % of a core", 100 * (node.CpuTime() - ofNode) / watch.Elapsed);
                figures.Add("CPU of the flood, % of a core", 100 * (strangers.CpuTime() - ofFlood) / watch.Elapsed);
                figures.Add("memory of the gateway, flood, MiB", node.ResidentBytes() / 1048576.0);
                if (round == 0)
                {
                    // Later ones find the memory that the first one has left.
                    figures.Add("memory of a stranger's connection, first flood, KiB", (node.ResidentBytes() - memory) / 1024.0 / Math.Max(1, files));
                }
            }

            figures.Add("memory of the gateway, quiet, MiB", memory / 1048576.0);
            await Until.TrueAsync(() => Task.FromResult(node.OpenFiles < quietFiles + 50), Farewell, "the strangers are gone from the gateway");
        }

        figures.Add("memory of the gateway, when all are gone, MiB", node.ResidentBytes() / 1048576.0);
    }

    private static void Honest(string when, HonestFigures figures, Figures to)
    {
        to.Add($"connect to first answer, {when}, p50 ms", figures.P50 * 1e3);
        to.Add($"connect to first answer, {when}, p99 ms", figures.P99 * 1e3);
        to.Add($"connect to first answer, {when}, not served", figures.Failures);
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{when}: {figures.P50 * 1e3:0.00} / {figures.P99 * 1e3:0.00} ms, {figures.Count} connects, {figures.Failures} not served"));
    }
}

/// <summary>What an honest client's connects came to, in seconds.</summary>
internal sealed record HonestFigures(int Count, double P50, double P99, int Failures);

/// <summary>Connects, has one byte back from its instance and closes, one connection after the other.</summary>
internal static class HonestClient
{
    public static HonestFigures Connect(Contender through, TimeSpan time)
    {
        var (times, failures) = (new List<double>(20_000), 0);
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < time;)
        {
            var start = Stopwatch.GetTimestamp();
            try
            {
                times.Add(LoadClient.FirstAnswer(through));
            }
            catch (Exception e) when (e is SocketException or InvalidOperationException)
            {
                // Turned away, or not served within half a minute. It counts with the time that it was kept waiting.
                failures++;
                times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        times.Sort();
        return new HonestFigures(times.Count, times[times.Count / 2], times[times.Count * 99 / 100], failures);
    }
}
