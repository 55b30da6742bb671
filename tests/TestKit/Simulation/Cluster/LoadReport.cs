using Instancer.Actors;
using Instancer.Cluster;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>Tells the cluster every second what the node has to do.</summary>
internal sealed class LoadReport
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ClusterNode _node;
    private readonly ITimer _timer;

    public LoadReport(ClusterNode node)
    {
        _node = node;
        node.Part.ReportLoad(node.Options.Challenges.ToDictionary(challenge => challenge.Name, challenge => new ChallengeLoad(0, challenge.MaxInstances)));
        _timer = node.Clock.CreateTimer(_ => Report(), null, Interval, Interval);
    }

    private void Report()
    {
        if (_node.Registry is { } registry)
        {
            _node.Part.ReportLoad(_node.Options.Challenges.ToDictionary(
                challenge => challenge.Name, challenge => new ChallengeLoad(Count(registry, challenge), challenge.MaxInstances)));
        }
    }

    private static int Count(Actors.Registry.TokenRegistryActor registry, Challenge challenge)
        => registry.Instances.Entries.Count(entry => entry.Info.Key.Challenge == challenge.Name && !entry.Info.IsSpare);
}
