using System.Text;
using Instancer.Cluster.Forwarding;

namespace Instancer.Gateway.Tests.Forwarding;

internal static class Secrets
{
    public static ClusterSecret Ours { get; } = Of('s');

    public static ClusterSecret Theirs { get; } = Of('t');

    private static ClusterSecret Of(char letter) => new(Encoding.ASCII.GetBytes(new string(letter, ClusterSecret.ShortestLength)));
}
