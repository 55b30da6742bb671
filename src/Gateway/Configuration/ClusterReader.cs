using System.Globalization;
using System.Net;
using System.Text;
using Instancer.Cluster;
using Instancer.Cluster.Forwarding;

namespace Instancer.Gateway.Configuration;

/// <summary>Reads what a node has to know to be one of several.</summary>
internal static class ClusterReader
{
    private const string Name = "cluster";

    private static readonly string Secret = string.Create(
        CultureInfo.InvariantCulture,
        $"a file with at least {ClusterSecret.ShortestLength} characters, such as head -c 32 /dev/urandom | base64 makes, which nobody but its owner and group has a right to");

    private static readonly TimeSpan ShortestLease = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestLease = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestMargin = TimeSpan.FromSeconds(2);

    private static readonly ValueKind<TimeSpan> Lease = new(
        "a lease", "hh:mm:ss, 00:00:05 to 00:05:00", (string text, out TimeSpan value) =>
            DurationText.TryParse(text, out value) && value >= ShortestLease && value <= LongestLease);

    /// <summary>The section; null if there is none.</summary>
    /// <param name="root">Where it would be.</param>
    /// <param name="node">The node's name.</param>
    public static ClusterSettings? Read(SectionReader root, string node)
    {
        if (root.IsMissing(Name) || root.IsEmptyText(Name))
        {
            return null;
        }

        if (root.IsMissing("node"))
        {
            root.Fail("node", "missing; allowed: with a cluster a name that no other node of it has");
        }

        var section = root.Section(Name);
        var lease = section.Value("lease", TimeSpan.FromSeconds(10), Lease);
        var advertise = ReadAdvertise(section);
        var secret = ReadSecret(section);
        var settings = new ClusterSettings
        {
            Options = new ClusterOptions
            {
                Node = node, Advertise = advertise, Lease = lease, Margin = MarginOf(lease), KeepAliveInterval = 0.3 * lease,
            },
            // One sign of life may come to nothing, and the next one still comes in time.
            Etcd = EtcdReader.Read(section) with { Timeout = MarginOf(lease) },
            Listen = section.Value("listen", advertise, ValueKinds.EndPoint),
            SecretFile = secret?.Path ?? "",
            Secret = secret is null ? null : new ClusterSecret(Encoding.UTF8.GetBytes(secret.Text)),
        };
        section.Finish();
        return settings;
    }

    private static IPEndPoint ReadAdvertise(SectionReader section)
    {
        var advertise = section.Required("advertise", ValueKinds.EndPoint) ?? new IPEndPoint(IPAddress.Loopback, 0);
        if (advertise.Address.Equals(IPAddress.Any) || advertise.Address.Equals(IPAddress.IPv6Any))
        {
            section.Fail(
                "advertise",
                $"nobody can reach {advertise}; allowed: the address of this node that the others use, and {section.PathOf("listen")} if it is to listen on all");
        }

        return advertise;
    }

    private static PrivateFile? ReadSecret(SectionReader section)
    {
        const string Option = "secretFile";
        if (section.IsMissing(Option) || section.IsNone(Option))
        {
            section.Fail(Option, $"missing; allowed: {Secret}");
            return null;
        }

        return PrivateFileReader.Read(section, Option, ClusterSecret.ShortestLength, Secret);
    }

    private static TimeSpan MarginOf(TimeSpan lease) => lease / 5 < LongestMargin ? lease / 5 : LongestMargin;
}
