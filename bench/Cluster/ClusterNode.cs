using System.Globalization;
using System.Text;
using System.Text.Json;
using Instancer.Bench.Net;
using Instancer.Gate.Files;

namespace Instancer.Bench.Cluster;

/// <summary>A node that is one of several.</summary>
/// <param name="executable">The gateway.</param>
/// <param name="node">The node's name.</param>
/// <param name="etcd">Where etcd is.</param>
/// <param name="secret">What the nodes know each other by.</param>
internal sealed class ClusterNode(string executable, string node, string etcd, string secret) : NodeContender
{
    private byte _identifier = 1;

    public override byte[] Preamble => [.. LoadClient.PreambleToken, 0, _identifier];

    protected override string Executable => executable;

    protected override string NodeName => node;

    // No instance yet: the first client decides where it is.
    public override Contender Start(int work, int hold) => StartBare(work, hold);

    /// <summary>The same node, for clients of the instance of that number; not to be disposed.</summary>
    public ClusterNode To(byte identifier)
    {
        var same = (ClusterNode)MemberwiseClone();
        same._identifier = identifier;
        return same;
    }

    protected override string Cluster(string directory)
    {
        // A file that others may read is refused.
        var file = Path.Combine(directory, "cluster-secret");
        SecretFile.Replace(file, Encoding.UTF8.GetBytes(secret));
        var advertise = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePort()}");
        return JsonSerializer.Serialize(new { etcd = new[] { etcd }, advertise, secretFile = file });
    }
}
