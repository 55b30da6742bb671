using Instancer.Bench.Actors;
using Instancer.Bench.Net;
using Instancer.Bench.Start;

namespace Instancer.Bench.Gate;

/// <summary>
/// <c>bench gate [--rounds N] [--seconds S] [--only WORD] [--gateway FILE] [--before DIR] [--out FILE.md]</c>: what honest clients notice of strangers, and of what
/// stands between the two while it is off.
/// </summary>
internal static class GateBench
{
    private static readonly (string Word, Func<GateNode, Arguments, Figures, Task> Measure)[] Parts =
    [
        ("off", SwitchedOff.MeasureAsync),
        ("flood", Strangers.MeasureAsync),
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
        using var gateway = await PublishedGateway.PublishAsync(arguments.Text("gateway"));
        foreach (var (_, measure) in parts)
        {
            // A fresh one for each: what one part leaves in its memory is not the next one's.
            using var node = GateNode.Start("gate", gateway.Executable);
            await measure(node, arguments, figures);
        }

        return figures.Write(arguments.Text("out"));
    }
}
