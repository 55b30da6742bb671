namespace Instancer.Bench.Net;

/// <summary>
/// <c>bench net [--rounds N] [--seconds S] [--only WORD] [--relay 0] [--out FILE.md]</c>: the product, and its relay by itself, beside HAProxy,
/// nginx and no proxy. In each round every contender has each scenario once, in turn; the table has the medians.
/// </summary>
internal static class NetBench
{
    private const int IdleSessions = 8000;

    private static readonly Contender[] Contenders =
    [
        new Direct(), new HaProxy(), new Nginx(), new NodeContender(), new Relay("relay", "epoll", preamble: false),
        new Relay("relay+preamble", "epoll", preamble: true), new Relay("relay, portable", "portable", preamble: false),
    ];

    public static Task<int> RunAsync(string[] args)
    {
        var arguments = new Arguments(args);
        var time = TimeSpan.FromSeconds(arguments.Number("seconds", 2));
        var only = arguments.Text("only") ?? "";
        var scenarios = Scenarios(time).Where(scenario => scenario.Name.Contains(only, StringComparison.Ordinal)).ToList();
        var chosen = Contenders.Where(contender => contender is not Relay || arguments.Number("relay", 1) == 1).ToList();
        var report = new Report(scenarios, [.. chosen.Select(contender => contender.Name)]);

        using var backend = ChildProcess.Self("net-backend");
        var ports = backend.ReadPorts();
        var contenders = chosen.Select(contender => contender.Start(ports[0], ports[1])).ToList();
        try
        {
            for (var round = 0; round < arguments.Number("rounds", 5); round++)
            {
                foreach (var scenario in scenarios)
                {
                    for (var i = 0; i < contenders.Count; i++)
                    {
                        // Another one is first in each round.
                        var contender = contenders[(i + round) % contenders.Count];
                        var figures = scenario.Measure(contender, ports);
                        Console.Error.WriteLine($"{scenario.Name}, {contender.Name}: {string.Join(" / ", figures.Select(figure => figure.ToString("0.#", System.Globalization.CultureInfo.InvariantCulture)))}");
                        report.Add(scenario, contender.Name, figures);
                    }
                }

                Console.Error.WriteLine($"round {round + 1} done");
            }
        }
        finally
        {
            contenders.ForEach(contender => contender.Dispose());
        }

        Console.Write(report.ToMarkdown());
        if (arguments.Text("out") is { } file)
        {
            File.WriteAllText(file, report.ToMarkdown());
        }

        return Task.FromResult(0);
    }

    private static IEnumerable<Scenario> Scenarios(TimeSpan time)
    {
        foreach (var sessions in (int[])[1, 16])
        {
            yield return new Scenario($"bulk up, {sessions}", "MB/s", HigherIsBetter: true,
                (contender, _) => [LoadClient.Upload(contender, sessions, time) / 1e6]);
            yield return new Scenario($"bulk down, {sessions}", "MB/s", HigherIsBetter: true,
                (contender, _) => [LoadClient.Download(contender, sessions, time) / 1e6]);
        }

        foreach (var sessions in (int[])[1, 32])
        {
            yield return new Scenario($"round trip, {sessions}", "µs, p50 / p99", HigherIsBetter: false, (contender, _) =>
            {
                var times = LoadClient.RoundTrips(contender, sessions, time);
                return [times[times.Length / 2] * 1e6, times[times.Length * 99 / 100] * 1e6];
            });
        }

        yield return new Scenario("connections", "1/s", HigherIsBetter: true,
            (contender, _) => [LoadClient.Connections(contender, 16, time)]);
        yield return new Scenario("CPU for connections", "µs each", HigherIsBetter: false, (contender, _) =>
        {
            var before = contender.CpuTime();
            var connections = LoadClient.Connections(contender, 16, time) * time.TotalSeconds;
            return [(contender.CpuTime() - before).TotalMicroseconds / connections];
        });
        yield return new Scenario("idle session", "KiB", HigherIsBetter: false, MeasureIdle);
    }

    // In a process of its own: memory that earlier load left behind would hide what the sessions take.
    private static double[] MeasureIdle(Contender contender, int[] ports)
    {
        using var fresh = contender.Start(ports[0], ports[1]);
        LoadClient.RoundTrips(fresh, 1, TimeSpan.FromMilliseconds(100));
        var before = fresh.ResidentBytes();
        var sessions = LoadClient.Idle(fresh, IdleSessions);

        // One round trip more: by then those before it are sessions too.
        LoadClient.RoundTrips(fresh, 1, TimeSpan.FromMilliseconds(100));
        var perSession = (fresh.ResidentBytes() - before) / 1024.0 / IdleSessions;
        sessions.ForEach(session => session.Dispose());
        return [perSession];
    }
}

/// <summary>Something that is measured.</summary>
/// <param name="Name">The name in the table.</param>
/// <param name="Unit">The figures' unit.</param>
/// <param name="HigherIsBetter">Whether more is better.</param>
/// <param name="Measure">Measures one contender, given the backend's two ports; one figure or several.</param>
internal sealed record Scenario(string Name, string Unit, bool HigherIsBetter, Func<Contender, int[], double[]> Measure);
