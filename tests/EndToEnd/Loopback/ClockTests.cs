using Instancer.TestKit.Docker;

namespace Instancer.EndToEnd.Loopback;

/// <summary>Nodes whose clocks are apart work together: what they have to do with each other asks no clock what time it is.</summary>
public sealed class ClockTests
{
    private static readonly string[] WallClocks = ["GetUtcNow", "GetLocalNow", "UtcNow", "DateTime.Now", "DateTimeOffset.Now", "UnixTime"];

    [Theory]
    [InlineData("src/Cluster")]
    [InlineData("src/Gateway/Forwarding")]
    public void Nothing_between_nodes_reads_the_time_of_day(string directory)
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, directory), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(sources);
        Assert.DoesNotContain(sources, path => WallClocks.Any(clock => File.ReadAllText(path).Contains(clock, StringComparison.Ordinal)));
    }
}
