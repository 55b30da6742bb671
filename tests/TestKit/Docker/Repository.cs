namespace Instancer.TestKit.Docker;

/// <summary>The checkout that the tests run in.</summary>
public static class Repository
{
    /// <summary>The directory with the solution.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Instancer.sln")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException($"{AppContext.BaseDirectory} is in no checkout of Instancer.");
    }
}
