using Instancer.Bench.Net;
using Instancer.TestKit.Docker;

namespace Instancer.Bench.Start;

/// <summary>
/// <c>bench start [--rounds N] [--only WORD] [--out FILE.md]</c>: what Instancer does with a container engine, compiled ahead of time, beside the same
/// straight against the Engine API, in turn; and a node's own start.
/// </summary>
internal static class StartBench
{
    private static readonly (string Word, Func<StartContext, Task> Measure)[] Parts =
    [
        ("cold", ColdStart.MeasureAsync),
        ("warm", WarmClaim.MeasureAsync),
        ("burst", Burst.MeasureAsync),
        ("removal", Removal.MeasureAsync),
        ("adoption", Adoption.MeasureAsync),
        ("serve", NodeStart.MeasureAsync),
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

        using var gateway = await PublishedGateway.PublishAsync(arguments.Text("gateway"));
        using var docker = new DockerEngineFixture();
        void ClearUp(object? sender, EventArgs e) => ClearUpAsync(new StartContext(gateway, docker.Engine, arguments), docker).Wait();
        try
        {
            await docker.InitializeAsync();
            var context = new StartContext(gateway, docker.Engine, arguments);
            await context.SweepAsync();
            AppDomain.CurrentDomain.ProcessExit += ClearUp;
            foreach (var (_, measure) in parts)
            {
                try
                {
                    await measure(context);
                }
                finally
                {
                    await context.SweepAsync();
                }
            }

            Console.Write(context.Table);
            if (arguments.Text("out") is { } file)
            {
                await File.WriteAllTextAsync(file, context.Table);
            }

            return 0;
        }
        finally
        {
            AppDomain.CurrentDomain.ProcessExit -= ClearUp;
            await docker.DisposeAsync();
        }
    }

    // Told to end in the middle. A node that still ran would go on making containers.
    private static async Task ClearUpAsync(StartContext context, DockerEngineFixture docker)
    {
        ChildProcess.KillAll();
        await context.SweepAsync();
        await docker.DisposeAsync();
    }
}
