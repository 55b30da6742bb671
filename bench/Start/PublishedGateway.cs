using System.Diagnostics;
using Instancer.TestKit.Docker;

namespace Instancer.Bench.Start;

/// <summary>The gateway as it is deployed: published and compiled ahead of time, in a directory of its own that goes at the end.</summary>
internal sealed class PublishedGateway : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("instancer-bench-").FullName;

    private PublishedGateway(string? executable)
    {
        Executable = executable ?? Path.Combine(_directory, "instancer");
    }

    public string Executable { get; }

    /// <param name="executable">One that was published before; null to publish this checkout's.</param>
    public static async Task<PublishedGateway> PublishAsync(string? executable)
    {
        var gateway = new PublishedGateway(executable);
        if (executable is not null)
        {
            return gateway;
        }

        try
        {
            await gateway.RunPublishAsync();
            return gateway;
        }
        catch
        {
            gateway.Dispose();
            throw;
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private async Task RunPublishAsync()
    {
        using var publish = Process.Start(
            "dotnet",
            ["publish", Path.Combine(Repository.Root, "src", "Gateway"), "-c", "Release", "-r", "linux-x64", "-o", _directory, "-v", "quiet", "--nologo"]);
        await publish.WaitForExitAsync();
        if (publish.ExitCode != 0)
        {
            throw new InvalidOperationException("The publish failed.");
        }
    }
}
