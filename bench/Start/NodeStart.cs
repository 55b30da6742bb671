using System.Diagnostics;
using System.Globalization;
using Instancer.Bench.Net;

namespace Instancer.Bench.Start;

/// <summary>From the start of the process until a client's connect succeeds.</summary>
internal static class NodeStart
{
    public static Task MeasureAsync(StartContext context)
    {
        var times = new List<double>();
        for (var round = 0; round <= context.Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            using var node = new PublishedNode(context.Gateway.Executable).Start(0, 0);
            if (round > 0)
            {
                times.Add(watch.Elapsed.TotalMilliseconds);
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"start {round}: {times[^1]:0} ms"));
            }
        }

        context.Row("instancer serve, until it accepts", times);
        return Task.CompletedTask;
    }

    private sealed class PublishedNode(string executable) : NodeContender
    {
        protected override string Executable => executable;

        public override Contender Start(int work, int hold) => StartBare(work, hold);
    }
}
