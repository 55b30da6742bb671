using System.Diagnostics.Metrics;
using Instancer.Actors.Registry;

namespace Instancer.Cluster;

/// <summary>The cluster's instruments, beside the node's own. Tags are bounded.</summary>
internal sealed class ClusterMetrics
{
    // The node's own are made under this name.
    private const string MeterName = "Instancer";

    private readonly Gauge<int> _nodes;
    private readonly Counter<long> _fenced;
    private readonly Histogram<double> _claims;

    /// <param name="meters">Makes their meter.</param>
    /// <param name="hasPlace">Whether there is a place; asked whenever somebody looks, because a place can run out before anything has noticed.</param>
    public ClusterMetrics(IMeterFactory meters, Func<bool> hasPlace)
    {
        var meter = meters.Create(MeterName);
        _nodes = meter.CreateGauge<int>("instancer.cluster.nodes", "{node}", "Nodes of the cluster that this one knows, itself among them.");
        meter.CreateObservableGauge("instancer.cluster.place", () => hasPlace() ? 1 : 0, "{place}", "1 while this node has a place in the cluster, otherwise 0.");
        _fenced = meter.CreateCounter<long>("instancer.cluster.fenced", "{place}", "Places that were lost, and all sessions with them.");
        _claims = meter.CreateHistogram<double>("instancer.cluster.claims", "s", "Until it was known whose a key is, by owner: here, elsewhere or unknown.");
    }

    /// <summary>How many nodes are known.</summary>
    public void NoteNodes(int count) => _nodes.Record(count);

    public void Fenced() => _fenced.Add(1);

    public void Claimed(TimeSpan duration, KeyOwner owner) => _claims.Record(
        duration.TotalSeconds,
        new KeyValuePair<string, object?>("owner", owner switch
        {
            KeyOwner.Here => "here",
            KeyOwner.Elsewhere { Node: not null } => "elsewhere",
            _ => "unknown",
        }));
}
