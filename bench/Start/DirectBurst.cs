using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using Instancer.TestKit.Docker;

namespace Instancer.Bench.Start;

/// <summary>Many containers straight from the engine, so many starts at once.</summary>
internal static class DirectBurst
{
    /// <summary>Milliseconds from the first request to the last container's first answer.</summary>
    public static async Task<double> RunAsync(EngineApi api, DirectEngine engine, int count, int atOnce, Action? atEnd = null)
    {
        var sessions = new ConcurrentBag<(string Id, Socket Session)>();
        var watch = Stopwatch.StartNew();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (_, _) => sessions.Add(await engine.StartAsync()));
        var elapsed = watch.Elapsed.TotalMilliseconds;
        atEnd?.Invoke();
        await Parallel.ForEachAsync(sessions, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (container, _) =>
        {
            await LineClient.CloseAsync(container.Session);
            await api.RemoveAsync(container.Id);
        });
        return elapsed;
    }

    /// <summary>Tries several numbers of starts at once, each once, and gives the quickest.</summary>
    public static async Task<int> FindBestAsync(StartContext context, DirectEngine engine, int count)
    {
        var (best, least) = (0, double.MaxValue);
        foreach (var atOnce in new[] { 1, 2, 4, 8, 16 })
        {
            await context.AwaitQuietAsync();
            var time = await RunAsync(context.Engine, engine, count, atOnce);
            Console.Error.WriteLine($"straight, {atOnce} at once: {time:0} ms");
            (best, least) = time < least ? (atOnce, time) : (best, least);
        }

        return best;
    }
}
