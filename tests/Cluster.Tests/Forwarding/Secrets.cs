using System.Text;
using Instancer.Cluster.Forwarding;

namespace Instancer.Cluster.Tests.Forwarding;

internal static class Secrets
{
    public static ClusterSecret Of(char letter) => new(Encoding.ASCII.GetBytes(new string(letter, ClusterSecret.ShortestLength)));
}
