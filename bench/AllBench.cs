using Instancer.Bench.Actors;
using Instancer.Bench.Cluster;
using Instancer.Bench.Gate;
using Instancer.Bench.Net;
using Instancer.Bench.Start;

namespace Instancer.Bench;

/// <summary>
/// <c>bench all [--rounds N] [--out DIR]</c>: everything that is measured, one after another; what else is given is passed on to each. With
/// <c>--out</c> each one's table is in its own file there, such as <c>net.md</c>.
/// </summary>
internal static class AllBench
{
    private static readonly (string Name, Func<string[], Task<int>> Run)[] Parts =
    [
        ("net", NetBench.RunAsync),
        ("start", StartBench.RunAsync),
        ("actors", ActorsBench.RunAsync),
        ("registry", RegistryBench.RunAsync),
        ("cluster", ClusterBench.RunAsync),
        ("gate", GateBench.RunAsync),
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        var directory = new Arguments(args).Text("out");
        if (directory is not null)
        {
            Directory.CreateDirectory(directory);
        }

        foreach (var (name, run) in Parts)
        {
            Console.WriteLine($"## {name}");

            // Of two that are given the last counts.
            string[] file = directory is null ? [] : ["--out", Path.Combine(directory, $"{name}.md")];
            if (await run([.. args, .. file]) is not 0 and var code)
            {
                return code;
            }
        }

        return 0;
    }
}
