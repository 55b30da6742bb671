using Instancer.Cluster.Forwarding;

namespace Instancer.Gateway.Tests.Forwarding;

/// <summary>Secrets, read from files as an operator's is.</summary>
internal static class Secrets
{
    public static ClusterSecret Ours { get; } = Of('s');

    public static ClusterSecret Theirs { get; } = Of('t');

    private static ClusterSecret Of(char letter)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, new string(letter, ClusterSecret.ShortestLength));
            return ClusterSecret.Read(path).Secret!;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
