using Instancer.TestKit.Docker;

namespace Instancer.Bench.Start;

/// <summary>
/// From a client's connect to the first byte from its instance, when a spare is there for it. The server greets, without starting a process for it: what it takes is not
/// what is measured.
/// </summary>
internal static class WarmClaim
{
    private const string Node = "bench-warm";
    private const int Spares = 2;
    private const string Greeter = """["sh", "-c", "echo hello | nc -l -p 1337; exec sleep 1000000"]""";

    // From running to ready, and until the engine has done with the container before.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    public static async Task MeasureAsync(StartContext context)
    {
        using var contender = new DockerNode(context.Gateway.Executable, context.Host, Node, $"\"warm\": {Spares}, \"command\": {Greeter}").Start(0, 0);
        var times = new List<double>();

        // The first round warms up and does not count.
        for (var round = 0; round <= context.Rounds; round++)
        {
            await AwaitSparesAsync(context.Engine);
            var time = await ColdStart.ThroughAsync(contender, (ushort)(round + 1));
            if (round > 0)
            {
                times.Add(time);
                Console.Error.WriteLine($"warm {round}: {time:0.0} ms");
            }
        }

        context.Row("claim of a spare, from connect to the first byte", times);
    }

    // A container's name ends with the identifier of its key, and a spare's with 0.
    private static Task AwaitSparesAsync(EngineApi engine) => Until.TrueAsync(
        async () =>
        {
            var containers = await engine.ContainersAsync($"instancer.node={Node}");
            var ready = containers.Count == Spares
                && containers.All(container => (string?)container!["State"] == "running" && ((string)container["Names"]![0]!).EndsWith("-0", StringComparison.Ordinal));
            await Task.Delay(ready ? Quiet : TimeSpan.FromMilliseconds(20), TimeProvider.System);
            return ready;
        },
        TimeSpan.FromSeconds(30),
        "nothing but spares is there");
}
