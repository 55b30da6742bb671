using System.Diagnostics;
using Instancer.Bench.Net;
using Instancer.TestKit.Docker;

namespace Instancer.Bench.Start;

/// <summary>From a client's connect to its first answer, with a container made for it on the way.</summary>
internal static class ColdStart
{
    private const string Node = "bench";

    public static async Task MeasureAsync(StartContext context)
    {
        using var contender = new DockerNode(context.Gateway.Executable, context.Host, Node, "\"address\": \"bridge\"").Start(0, 0);
        using var engine = new DirectEngine(context.Engine, $"instancer-{Node}");
        var direct = new List<double>();
        var ours = new List<double>();

        // The first round makes the network and warms both up; it does not count.
        for (var round = 0; round <= context.Rounds; round++)
        {
            await context.AwaitQuietAsync();
            var mine = await ThroughAsync(contender, (ushort)(round + 1));
            await context.AwaitQuietAsync();
            var bare = await DirectAsync(context.Engine, engine);
            if (round > 0)
            {
                ours.Add(mine);
                direct.Add(bare);
                Console.Error.WriteLine($"round {round}: {mine:0.0} ms through Instancer, {bare:0.0} ms straight");
            }
        }

        context.Row("cold start, straight against the Engine API", direct);
        context.Row("cold start, through Instancer", ours);
        context.Row("the difference, pair by pair", ours.Zip(direct, (mine, bare) => mine - bare));
    }

    /// <summary>Milliseconds from the connect of a client that nobody knows to its first answer.</summary>
    public static async Task<double> ThroughAsync(Contender contender, ushort identifier)
    {
        var watch = Stopwatch.StartNew();
        using var socket = await LineClient.OpenAsync(contender, identifier);
        return watch.Elapsed.TotalMilliseconds;
    }

    private static async Task<double> DirectAsync(EngineApi api, DirectEngine engine)
    {
        var watch = Stopwatch.StartNew();
        var (id, session) = await engine.StartAsync();
        var elapsed = watch.Elapsed.TotalMilliseconds;
        await LineClient.CloseAsync(session);
        await api.RemoveAsync(id);
        return elapsed;
    }
}
