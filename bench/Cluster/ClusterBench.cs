using Instancer.Bench.Actors;
using Instancer.Bench.Net;

namespace Instancer.Bench.Cluster;

/// <summary>
/// <c>bench cluster [--rounds N] [--seconds S] [--only WORD] [--gateway FILE] [--out FILE.md]</c>: what it costs that a session's instance is at another
/// node; how long it takes to own a key; and what a connection costs a node by the number of nodes and keys.
/// </summary>
internal static class ClusterBench
{
    private static readonly (string Word, Func<Arguments, Figures, Task> Measure)[] Parts =
    [
        ("forward", ForwardedSessions.MeasureAsync),
        ("claim", Claims.MeasureAsync),
        ("nodes", ManyNodes.MeasureAsync),
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new Arguments(args);
        var only = arguments.Text("only");
        var parts = Parts.Where(part => only is null || part.Word == only).ToList();
        if (parts.Count == 0)
        {
            Console.Error.WriteLine($"--only is one of {string.Join(", ", Parts.Select(part => part.Word))}.");
            return 2;
        }

        var figures = new Figures();
        foreach (var (_, measure) in parts)
        {
            await measure(arguments, figures);
        }

        return figures.Write(arguments.Text("out"));
    }
}
