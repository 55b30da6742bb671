using System.Globalization;
using Instancer.Bench.Actors;
using Instancer.Bench.Net;

namespace Instancer.Bench.Gate;

/// <summary>The gateway with everything off beside one from before there was anything, in turn.</summary>
internal static class SwitchedOff
{
    private const int Threads = 16;

    public static Task MeasureAsync(GateNode node, Arguments arguments, Figures figures)
    {
        if (arguments.Text("before") is not { } directory)
        {
            return Task.CompletedTask;
        }

        var time = TimeSpan.FromSeconds(arguments.Number("seconds", 5));
        using var before = GateNode.Start("before", Path.Combine(directory, "instancer"));
        for (var round = 0; round < arguments.Number("rounds", 5); round++)
        {
            foreach (var (name, measure) in Scenarios(time))
            {
                // The other one first in each round.
                double now, then;
                if (round % 2 == 0)
                {
                    (now, then) = (measure(node), measure(before));
                }
                else
                {
                    (then, now) = (measure(before), measure(node));
                }

                figures.Add($"{name}, all off", now);
                figures.Add($"{name}, before", then);
                figures.Add($"{name}, ratio", now / then);
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {now:0.#} all off, {then:0.#} before"));
            }
        }

        return Task.CompletedTask;
    }

    private static IEnumerable<(string Name, Func<GateNode, double> Measure)> Scenarios(TimeSpan time)
    {
        yield return ("bulk up, 1 session, MB/s", node => LoadClient.Upload(node, 1, time) / 1e6);
        yield return ("bulk down, 1 session, MB/s", node => LoadClient.Download(node, 1, time) / 1e6);
        yield return ("connections, 1/s", node => LoadClient.Connections(node, Threads, time));
        yield return ("round trip of 64 bytes, p50 µs", node => Middle(LoadClient.RoundTrips(node, 1, time)));
        yield return ("connect to first answer, p50 µs", node => Middle(LoadClient.FirstAnswers(node, time)));
    }

    private static double Middle(double[] times) => times[times.Length / 2] * 1e6;
}
