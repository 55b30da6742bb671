using System.Runtime.InteropServices;
using Instancer.Bench;
using Instancer.Bench.Actors;
using Instancer.Bench.Cluster;
using Instancer.Bench.Gate;
using Instancer.Bench.Net;
using Instancer.Bench.Start;

// One class a subcommand.
var subcommands = new Dictionary<string, Func<string[], Task<int>>>
{
    ["all"] = AllBench.RunAsync,
    ["net"] = NetBench.RunAsync,
    ["actors"] = ActorsBench.RunAsync,
    ["registry"] = RegistryBench.RunAsync,
    ["net-proxy"] = RelayHost.RunAsync,
    ["net-backend"] = LoadBackend.RunAsync,
    ["start"] = StartBench.RunAsync,
    ["cluster"] = ClusterBench.RunAsync,
    ["gate"] = GateBench.RunAsync,
    ["gate-flood"] = Flood.RunAsync,
};

// Neither signal would have the process exit in order by itself, and so clear up.
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Exit);
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Exit);

if (args.Length > 0 && subcommands.TryGetValue(args[0], out var run))
{
    return await run(args[1..]);
}

Console.Error.WriteLine($"usage: bench {string.Join('|', subcommands.Keys)} ...");
return 2;

static void Exit(PosixSignalContext context)
{
    context.Cancel = true;
    Environment.Exit(128 + (context.Signal == PosixSignal.SIGINT ? 2 : 15));
}
