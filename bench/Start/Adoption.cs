using System.Diagnostics;
using System.Globalization;
using Instancer.TestKit.Docker;

namespace Instancer.Bench.Start;

/// <summary>
/// A node that is killed with many containers and started again: until it is ready, has them all again, and a client has its own.
/// <c>--containers N</c>, <c>--address MODE</c>.
/// </summary>
internal static class Adoption
{
    private const string Node = "bench-adoption";

    // As many as a node starts at once by itself; more would only wait.
    private const int ClientsAtOnce = 8;

    public static async Task MeasureAsync(StartContext context)
    {
        var count = context.Arguments.Number("containers", 200);
        var address = context.Arguments.Text("address") ?? "auto";
        using var node = new WatchedNode(
            context.Gateway.Executable, context.Host, Node, $$""" "address": "{{address}}", "idleTimeout": "01:00:00" """).Start();
        await Parallel.ForAsync(1, count + 1, new ParallelOptions { MaxDegreeOfParallelism = ClientsAtOnce }, async (identifier, _) =>
            await LineClient.CloseAsync(await LineClient.OpenAsync(node, (ushort)identifier)));

        var ready = new List<double>();
        var listed = new List<double>();
        var answered = new List<double>();

        // The first round warms the files up and does not count.
        for (var round = 0; round <= context.Rounds; round++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            var before = await IdsAsync(context);
            var watch = Stopwatch.StartNew();
            node.Restart();
            await Until.TrueAsync(node.IsReadyAsync, stated: "the node is ready");
            var readyAfter = watch.Elapsed.TotalMilliseconds;
            await Until.TrueAsync(async () => (await node.InstancesAsync("work")).Count(instance => (string?)instance["state"] == "idle") == count, stated: "all are adopted");
            var listedAfter = watch.Elapsed.TotalMilliseconds;
            await LineClient.CloseAsync(await LineClient.OpenAsync(node, (ushort)((round % count) + 1)));
            var answeredAfter = watch.Elapsed.TotalMilliseconds;
            if (!before.SetEquals(await IdsAsync(context)))
            {
                throw new InvalidOperationException("The containers are not the ones that were there before.");
            }

            if (round > 0)
            {
                ready.Add(readyAfter);
                listed.Add(listedAfter);
                answered.Add(answeredAfter);
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"adoption {round}: ready after {readyAfter:0} ms, all listed {listedAfter:0}, a client answered {answeredAfter:0}"));
            }
        }

        context.Row($"kill -9 and start with {count} containers, until ready", ready);
        context.Row($"the same, until all {count} are listed", listed);
        context.Row("the same, until a client of one of them has an answer", answered);
    }

    private static async Task<HashSet<string>> IdsAsync(StartContext context) =>
        [.. (await context.Engine.ContainersAsync($"instancer.node={Node}")).Select(container => (string)container!["Id"]!)];
}
