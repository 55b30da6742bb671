using System.Diagnostics;
using System.Globalization;

namespace Instancer.Bench.Start;

/// <summary>
/// Many new clients at once: from the first connect to the last one's first answer, beside the same containers straight from the engine; and
/// what sessions that were there before notice of either. <c>--clients N</c>, <c>--address MODE</c>, <c>--direct N</c> (starts at once of the direct one; by
/// default the best of several).
/// </summary>
internal static class Burst
{
    private const string Node = "bench-burst";
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(4);

    public static async Task MeasureAsync(StartContext context)
    {
        var clients = context.Arguments.Number("clients", 50);
        var address = context.Arguments.Text("address") ?? "auto";
        using var node = new WatchedNode(
            context.Gateway.Executable, context.Host, Node, $$""" "address": "{{address}}", "idleTimeout": "00:00:01" """).Start();
        using var engine = new DirectEngine(context.Engine, await NetworkAsync(context, node));
        var direct = context.Arguments.Number("direct", 0) is > 0 and var given ? given : await DirectBurst.FindBestAsync(context, engine, clients);
        using var steady = await SteadySessions.StartAsync(node);
        var figures = new BurstFigures();
        ushort next = 2;
        for (var round = 1; round <= context.Rounds; round++)
        {
            await context.AwaitQuietAsync();
            steady.Take();
            await Task.Delay(QuietTime, TimeProvider.System);
            figures.AddTrips("quiet", steady.Take());

            // Who is first changes from round to round.
            foreach (var ours in round % 2 == 1 ? new[] { true, false } : [false, true])
            {
                await context.AwaitQuietAsync();
                steady.Take();
                var (watch, cpu) = (Stopwatch.StartNew(), node.CpuTime());
                var time = ours
                    ? await ThroughAsync(node, clients, next, () => figures.AddTrips("during Instancer's burst", steady.Take()))
                    : await DirectBurst.RunAsync(context.Engine, engine, clients, direct, () => figures.AddTrips("during the direct burst", steady.Take()));
                figures.Add(ours, time);
                next += (ushort)(ours ? clients : 0);
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"round {round}: {(ours ? "through Instancer" : "straight")} {time:0} ms, all gone after {watch.ElapsedMilliseconds}; the node's CPU {(node.CpuTime() - cpu).TotalMilliseconds} ms"));
            }
        }

        figures.Report(context, clients, direct);
    }

    // What auto means here the node knows: the direct contender's containers are on the same network.
    private static async Task<string> NetworkAsync(StartContext context, WatchedNode node)
    {
        using var socket = await LineClient.OpenAsync(node, 1);
        var container = (await context.Engine.ContainersAsync($"instancer.node={Node}"))[0]!;
        return (string)container["HostConfig"]!["NetworkMode"]!;
    }

    private static async Task<double> ThroughAsync(WatchedNode node, int clients, ushort first, Action atEnd)
    {
        var watch = Stopwatch.StartNew();
        var opening = Enumerable.Range(first, clients).Select(identifier => LineClient.OpenAsync(node, (ushort)identifier)).ToArray();
        try
        {
            await Task.WhenAll(opening);
            var elapsed = watch.Elapsed.TotalMilliseconds;
            atEnd();
            return elapsed;
        }
        finally
        {
            await Task.WhenAll(opening.Where(socket => socket.IsCompletedSuccessfully).Select(socket => LineClient.CloseAsync(socket.Result)));
        }
    }
}
