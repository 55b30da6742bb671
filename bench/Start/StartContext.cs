using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Instancer.Bench.Net;
using Instancer.TestKit.Docker;

namespace Instancer.Bench.Start;

/// <summary>What the measurements have in common: the gateway, the engine, the table.</summary>
/// <param name="gateway">The gateway.</param>
/// <param name="engine">The engine.</param>
/// <param name="arguments">What was asked for.</param>
internal sealed class StartContext(PublishedGateway gateway, EngineApi engine, Arguments arguments)
{
    private const string Prefix = "bench";
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);
    private readonly StringBuilder _table = new("| what | rounds | p50 ms | least | most |\n| --- | ---: | ---: | ---: | ---: |\n");

    public PublishedGateway Gateway => gateway;

    public EngineApi Engine => engine;

    public string Host => engine.Host;

    public int Rounds { get; } = arguments.Number("rounds", 15);

    public Arguments Arguments => arguments;

    public string Table => _table.ToString();

    /// <summary>Adds a row: the median of the rounds, the least and the most.</summary>
    public void Row(string what, IEnumerable<double> figures)
    {
        var ordered = figures.Order().ToArray();
        _table.AppendLine(
            CultureInfo.InvariantCulture,
            $"| {what} | {ordered.Length} | {Text(ordered[ordered.Length / 2])} | {Text(ordered[0])} | {Text(ordered[^1])} |");
    }

    /// <summary>Until no container of the bench is left, and a moment more: the engine and the kernel go on clearing up, and a start waits for the same locks.</summary>
    public async Task AwaitQuietAsync()
    {
        await Until.TrueAsync(async () => (await ContainersAsync()).Count == 0, TimeSpan.FromMinutes(2), "the containers of the round before are gone");
        await Task.Delay(Quiet, TimeProvider.System);
    }

    /// <summary>Removes what a measurement left, whatever became of it: containers, and the nodes' networks.</summary>
    public async Task SweepAsync()
    {
        var ids = (await ContainersAsync()).Select(container => (string)container["Id"]!);
        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (id, _) => await engine.RemoveAsync(id));
        foreach (var network in (JsonArray)(await engine.SendAsync(HttpMethod.Get, "networks"))!)
        {
            if (((string)network!["Name"]!).StartsWith($"instancer-{Prefix}", StringComparison.Ordinal))
            {
                await engine.SendAsync(HttpMethod.Delete, $"networks/{(string)network["Id"]!}", absentIsFine: true);
            }
        }
    }

    private async Task<List<JsonNode>> ContainersAsync()
    {
        var ofNodes = (await engine.ContainersAsync("instancer.node")).OfType<JsonNode>()
            .Where(container => ((string)container["Labels"]!["instancer.node"]!).StartsWith(Prefix, StringComparison.Ordinal));
        return [.. ofNodes, .. (await engine.ContainersAsync(DirectEngine.Label)).OfType<JsonNode>()];
    }

    private static string Text(double figure) => figure.ToString(Math.Abs(figure) < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture);
}
