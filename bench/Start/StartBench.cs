using System.Globalization;
using System.Text;
using Instancer.Bench.Net;
using Instancer.TestKit.Docker;

namespace Instancer.Bench.Start;

/// <summary>
/// <c>bench start [--rounds N] [--out FILE.md]</c>: a client's cold start through Docker beside the same container made straight against the
/// Engine API, in turn; and a node's own start, compiled ahead of time, until it accepts.
/// </summary>
internal static class StartBench
{
    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new Arguments(args);
        var rounds = arguments.Number("rounds", 15);
        var text = new StringBuilder();
        text.AppendLine("| what | rounds | p50 ms | least | most |");
        text.AppendLine("| --- | ---: | ---: | ---: | ---: |");

        using var gateway = await PublishedGateway.PublishAsync();
        using var docker = new DockerEngineFixture();
        await docker.InitializeAsync();
        try
        {
            var (direct, ours) = await ColdStart.MeasureAsync(gateway, docker, rounds);
            Row(text, "cold start, straight against the Engine API", direct);
            Row(text, "cold start, through Instancer", ours);
            Row(text, "the difference, pair by pair", [.. ours.Zip(direct, (mine, bare) => mine - bare)]);
            Row(text, "claim of a spare, from connect to the first byte", await WarmClaim.MeasureAsync(gateway, docker, rounds));
        }
        finally
        {
            await docker.DisposeAsync();
        }

        Row(text, "instancer serve, until it accepts", NodeStart.Measure(gateway, rounds));
        Console.Write(text);
        if (arguments.Text("out") is { } file)
        {
            await File.WriteAllTextAsync(file, text.ToString());
        }

        return 0;
    }

    private static void Row(StringBuilder text, string what, double[] milliseconds)
    {
        var ordered = milliseconds.Order().ToArray();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"| {what} | {ordered.Length} | {ordered[ordered.Length / 2]:0.0} | {ordered[0]:0.0} | {ordered[^1]:0.0} |");
    }
}
