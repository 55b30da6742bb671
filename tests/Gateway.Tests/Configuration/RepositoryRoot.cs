namespace Instancer.Gateway.Tests.Configuration;

/// <summary>Where the checkout is that the tests were built from.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string directory) => File.Exists(System.IO.Path.Combine(directory, "Instancer.sln"))
        ? directory
        : Find(System.IO.Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("The tests do not run in a checkout."));
}
