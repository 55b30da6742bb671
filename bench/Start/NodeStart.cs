using System.Diagnostics;
using System.Globalization;
using Instancer.Bench.Net;
using Instancer.TestKit.Docker;

namespace Instancer.Bench.Start;

/// <summary>From the start of the process, published and compiled ahead of time, until a client's connect succeeds.</summary>
internal static class NodeStart
{
    public static async Task<double[]> MeasureAsync(int rounds)
    {
        var directory = Directory.CreateTempSubdirectory("instancer-bench-").FullName;
        try
        {
            await PublishAsync(directory);
            var times = new List<double>();
            for (var round = 0; round <= rounds; round++)
            {
                var watch = Stopwatch.StartNew();
                using var node = new PublishedNode(Path.Combine(directory, "instancer")).Start(0, 0);
                if (round > 0)
                {
                    times.Add(watch.Elapsed.TotalMilliseconds);
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"start {round}: {times[^1]:0} ms"));
                }
            }

            return [.. times];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task PublishAsync(string directory)
    {
        using var publish = Process.Start(
            "dotnet",
            ["publish", Path.Combine(Repository.Root, "src", "Gateway"), "-c", "Release", "-r", "linux-x64", "-o", directory, "-v", "quiet", "--nologo"]);
        await publish.WaitForExitAsync();
        if (publish.ExitCode != 0)
        {
            throw new InvalidOperationException("The publish failed.");
        }
    }

    private sealed class PublishedNode(string executable) : NodeContender
    {
        protected override string Executable => executable;

        public override Contender Start(int work, int hold) => StartBare(work, hold);
    }
}
