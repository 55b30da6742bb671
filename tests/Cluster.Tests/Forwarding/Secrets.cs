using Instancer.Cluster.Forwarding;

namespace Instancer.Cluster.Tests.Forwarding;

/// <summary>Secrets, read from files as an operator's is.</summary>
internal static class Secrets
{
    public static string Text(char letter) => new(letter, ClusterSecret.ShortestLength);

    public static ClusterSecret Of(char letter)
    {
        var folder = Directory.CreateTempSubdirectory("instancer-secret-").FullName;
        try
        {
            return Of(folder, Text(letter));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static ClusterSecret Of(string folder, string contents)
    {
        var path = Path.Combine(folder, "of-a-test");
        File.WriteAllText(path, contents);
        var (secret, error) = ClusterSecret.Read(path);
        Assert.Null(error);
        return secret!;
    }
}
