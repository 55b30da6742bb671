using System.Globalization;
using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;
using Instancer.Bench.Net;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Bench.Actors;

/// <summary><c>bench registry [--rounds N] [--out FILE.md]</c>: look-ups and reaper passes of the real actors, by the number of instances.</summary>
internal static class RegistryBench
{
    private const int LookUps = 500_000;
    private const int Victims = 8;

    public static Task<int> RunAsync(string[] args)
    {
        var arguments = new Arguments(args);
        var figures = new Figures();
        for (var round = -1; round < arguments.Number("rounds", 5); round++)
        {
            foreach (var instances in (int[])[1_000, 10_000, 100_000])
            {
                Measure(round < 0 ? new Figures() : figures, instances);
            }
        }

        return Task.FromResult(figures.Write(arguments.Text("out")));
    }

    private static void Measure(Figures figures, int instances)
    {
        var keys = Enumerable.Range(0, instances)
            .Select(i => new InstanceKey("bench", TokenHash.Of(BitConverter.GetBytes(i)), 1)).ToList();
        var dispatcher = new LoopDispatcher();
        var system = new ActorSystem("bench", dispatcher, TimeProvider.System, NullLogger.Instance);
        var memory = new Memory();
        var scope = ScopeOf(new FullRuntime(keys), instances);
        var life = new RegistryLife();
        var registry = system.Spawn(() => new TokenRegistryActor(scope, life), "registry");
        var reaper = system.Spawn(
            () => new ReaperActor(scope.Options.Reaper, memory, registry, ReaperPolicy.Choose, NullLogger.Instance), "reaper");
        dispatcher.Run();
        var table = ((TokenRegistryActor)registry.Incarnation!).Instances;
        Expect(table.Count == instances && table.Entries.All(entry => entry.Info.State == InstanceState.Idle));

        var size = string.Create(CultureInfo.InvariantCulture, $"{instances:#,0} instances");
        figures.Add($"{size}: table look-up, ns", 1e9 * LookUpTable(table, keys) / LookUps);
        figures.Add($"{size}: table look-up among 1,000 of them, ns", 1e9 * LookUpTable(table, keys[..1_000]) / LookUps, "flat");
        figures.Add($"{size}: request to lease, ns", 1e9 * Acquire(system, dispatcher, registry, keys) / LookUps);
        figures.Add($"{size}: request to lease among 1,000 of them, ns", 1e9 * Acquire(system, dispatcher, registry, keys[..1_000]) / LookUps, "flat");
        var (pass, ofCpu) = Pass(dispatcher, registry, reaper, memory, table);
        figures.Add($"{size}: reaper pass with {Victims} victims, ms", 1e3 * pass, Bar(instances));
        figures.Add($"{size}: the same, ms of CPU", 1e3 * ofCpu);
        var (snapshot, _) = Figures.Time(() => table.Snapshot());
        var candidates = table.Snapshot();
        var (choice, _) = Figures.Time(
            () => ReaperPolicy.Choose(scope.Options.Reaper, candidates, RoomDemand.None, new MemoryReading(100 - Victims, 1000)));
        figures.Add($"{size}: of it the snapshot, ms", 1e3 * snapshot);
        figures.Add($"{size}: of it the choice, ms", 1e3 * choice);
        system.Stop();
        dispatcher.Run();
    }

    private static string Bar(int instances) => instances == 100_000 ? "< 20" : "";

    private static double LookUpTable(InstanceTable table, List<InstanceKey> keys)
    {
        var random = new Random(1);
        var wanted = Enumerable.Range(0, LookUps).Select(_ => keys[random.Next(keys.Count)]).ToArray();
        var found = 0;
        var (wall, _) = Figures.Time(() =>
        {
            foreach (var key in wanted)
            {
                found += table.TryGet(key, out var _) ? 1 : 0;
            }
        });
        Expect(found == LookUps);
        return wall;
    }

    /// <summary>All that the registry and the instance do for a connection to a running instance.</summary>
    private static double Acquire(
        ActorSystem system, LoopDispatcher dispatcher, ActorRef<RegistryMessage> registry, List<InstanceKey> keys)
    {
        var random = new Random(2);
        var sink = new Connection();
        var connection = system.Spawn(() => sink, "connection");
        dispatcher.Run();
        var wanted = Enumerable.Range(0, LookUps)
            .Select(_ => new RegistryMessage.Acquire(keys[random.Next(keys.Count)], null, connection)).ToArray();
        var (wall, _) = Figures.Time(() =>
        {
            foreach (var request in wanted)
            {
                registry.Tell(request);
                dispatcher.Run();
            }
        });
        Expect(sink.Granted == LookUps);
        system.Stop(connection);
        dispatcher.Run();
        return wall;
    }

    /// <summary>From the reaper's question until its victims are gone; the median of several.</summary>
    private static (double Wall, double Cpu) Pass(
        LoopDispatcher dispatcher, ActorRef<RegistryMessage> registry, ActorRef<ReaperMessage> reaper, Memory memory, InstanceTable table)
    {
        var passes = new List<(double Wall, double Cpu)>();
        memory.Available = 100 - Victims;
        for (var pass = 0; pass < 15; pass++)
        {
            var before = table.Count;
            passes.Add(Figures.Time(() =>
            {
                registry.Tell(new RegistryMessage.Inspect(reaper, IsPressed: true));
                dispatcher.Run();
            }));
            Expect(before - table.Count == Victims);
        }

        return (Median(passes.Select(pass => pass.Wall)), Median(passes.Select(pass => pass.Cpu)));
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);

    private static RegistryScope ScopeOf(FullRuntime runtime, int instances)
    {
        var options = new NodeOptions
        {
            Challenges =
            [
                new Challenge
                {
                    Name = "bench", Port = 0, Runtime = runtime.Name, Template = FullRuntime.Template.Instance, MaxInstances = instances,
                },
            ],
            Reaper = new ReaperOptions { MinAvailableMemory = 100, EnoughAvailableMemory = 100, Interval = TimeSpan.FromHours(1) },
        };
        return new RegistryScope(
            options,
            new Dictionary<string, IInstanceRuntime> { [runtime.Name] = runtime },
            new SingleNodeOwnership(),
            new NodeStatus(),
            new NodeMetrics(new PlainMeters()),
            TimeProvider.System,
            TokenHash.Random,
            NullLogger.Instance);
    }

    private static void Expect(bool condition)
    {
        if (!condition)
        {
            throw new InvalidOperationException("What was measured did not do what it should.");
        }
    }

    private sealed class Memory : IMemoryProbe
    {
        public long Available { get; set; } = 1000;

        public MemoryReading Read() => new(Available, 1000);
    }

    private sealed class Connection : Actor<ConnectionMessage>
    {
        public int Granted { get; private set; }

        protected internal override void Receive(ConnectionMessage message)
            => Granted += message is ConnectionMessage.LeaseGranted ? 1 : 0;
    }
}
