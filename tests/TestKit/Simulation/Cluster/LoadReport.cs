using Instancer.Actors;
using Instancer.Cluster;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>Tells the cluster what a node has to do, at once and then every second.</summary>
internal static class LoadReport
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static void Start(ClusterNode node)
    {
        node.Part.ReportLoad(Of(node, _ => 0));
        node.Clock.CreateTimer(_ => Report(node), null, Interval, Interval);
    }

    private static void Report(ClusterNode node) => node.Part.ReportLoad(Of(node, challenge => node.Node.InstancesOf(challenge.Name)));

    private static Dictionary<string, ChallengeLoad> Of(ClusterNode node, Func<Challenge, int> count)
        => node.Options.Challenges.ToDictionary(challenge => challenge.Name, challenge => new ChallengeLoad(count(challenge), challenge.MaxInstances));
}
