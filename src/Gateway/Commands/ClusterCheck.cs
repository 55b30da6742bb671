using Instancer.Cluster;
using Instancer.Cluster.Etcd;
using Instancer.Cluster.Membership;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Commands;

/// <summary>What <c>instancer check</c> says of the cluster. It reads and changes nothing.</summary>
internal static class ClusterCheck
{
    /// <summary>Says what the node would do, and reaches each member of etcd; 0, or 2 if it reaches none.</summary>
    public static async Task<int> RunAsync(ClusterSettings? cluster, CommandConsole console, CancellationToken cancellationToken)
    {
        if (cluster is null)
        {
            console.Output.WriteLine("cluster: none");
            return ExitCode.Done;
        }

        var options = cluster.Options;
        console.Output.WriteLine(
            $"cluster: listens for other nodes on {cluster.Listen}, reached by them at {options.Advertise}; secret in {cluster.SecretFile}; lease {DurationText.Format(options.Lease)}");
        var reached = 0;
        List<string> failures = [];
        foreach (var url in cluster.Etcd.Endpoints)
        {
            using var store = new EtcdStore(cluster.Etcd with { Endpoints = [url] }, TimeProvider.System);
            var read = await store.RangeAsync(KeyRange.Below(ClusterKeys.Nodes), cancellationToken).ConfigureAwait(false);
            if (read.Value is { } nodes)
            {
                reached++;
                WriteNodes(url, options, nodes.Items, console.Output);
            }
            else
            {
                failures.Add(read.Error!.Message);
            }
        }

        foreach (var failure in failures)
        {
            if (reached > 0)
            {
                console.Output.WriteLine($"warning: {failure}");
            }
            else
            {
                console.Fail(ExitCode.Usage, failure);
            }
        }

        return reached > 0 ? ExitCode.Done : ExitCode.Usage;
    }

    private static void WriteNodes(string url, ClusterOptions options, IReadOnlyList<KeyValue> items, TextWriter output)
    {
        var members = items.Select(item =>
            Member.TryParse(item.Key[ClusterKeys.Nodes.Length..], item.Value, out var member) ? member : null).OfType<Member>().ToList();
        output.WriteLine($"etcd at {url}: answers; {(members.Count == 0 ? "no node is there" : $"there: {string.Join(", ", members.Select(member => $"{member.Name} at {member.Advertise}"))}")}");
        if (members.Find(member => member.Name == options.Node && !member.Advertise.Equals(options.Advertise)) is { } other)
        {
            output.WriteLine($"warning: there is a node {other.Name} already, at {other.Advertise}; each node needs a name of its own");
        }
    }
}
