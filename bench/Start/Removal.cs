using System.Diagnostics;
using System.Text.Json.Nodes;
using Instancer.TestKit.Docker;

namespace Instancer.Bench.Start;

/// <summary>From the request to stop an idle instance until the engine no longer has its container, beside the same straight.</summary>
internal static class Removal
{
    private const string Node = "bench-removal";

    public static async Task MeasureAsync(StartContext context)
    {
        var address = context.Arguments.Text("address") ?? "auto";
        using var node = new WatchedNode(context.Gateway.Executable, context.Host, Node, $$""" "address": "{{address}}" """).Start();
        var direct = new List<double>();
        var ours = new List<double>();
        DirectEngine? engine = null;
        try
        {
            // The first round warms up and does not count.
            for (var round = 0; round <= context.Rounds; round++)
            {
                var (mine, network) = await ThroughAsync(context, node, (ushort)(round + 1));
                engine ??= new DirectEngine(context.Engine, network);
                var bare = await DirectAsync(context, engine);
                if (round > 0)
                {
                    ours.Add(mine);
                    direct.Add(bare);
                    Console.Error.WriteLine($"removal {round}: {mine:0.0} ms through Instancer, {bare:0.0} ms straight");
                }
            }
        }
        finally
        {
            engine?.Dispose();
        }

        context.Row("removal, straight against the Engine API", direct);
        context.Row("removal, through Instancer", ours);
        context.Row("the difference, pair by pair", ours.Zip(direct, (mine, bare) => mine - bare));
    }

    private static async Task<(double Time, string Network)> ThroughAsync(StartContext context, WatchedNode node, ushort identifier)
    {
        await LineClient.CloseAsync(await LineClient.OpenAsync(node, identifier));
        JsonNode instance = null!;
        await Until.TrueAsync(async () => (string?)(instance = (await node.InstancesAsync("work"))[0])["state"] == "idle", stated: "the instance is idle");
        var container = (await context.Engine.ContainersAsync($"instancer.node={Node}"))[0]!;
        var time = await TimeAsync(context, () => node.StopAsync((string)instance["key"]!), $"instancer.node={Node}");
        return (time, (string)container["HostConfig"]!["NetworkMode"]!);
    }

    private static async Task<double> DirectAsync(StartContext context, DirectEngine engine)
    {
        var (id, session) = await engine.StartAsync();
        await LineClient.CloseAsync(session);
        return await TimeAsync(context, () => context.Engine.RemoveAsync(id), DirectEngine.Label);
    }

    private static async Task<double> TimeAsync(StartContext context, Func<Task> remove, string label)
    {
        // The engine still does something for what has just started or gone.
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        var watch = Stopwatch.StartNew();
        await remove();
        await Until.TrueAsync(async () => (await context.Engine.ContainersAsync(label)).Count == 0, stated: "the engine has no container with the label");
        return watch.Elapsed.TotalMilliseconds;
    }
}
