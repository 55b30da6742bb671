using Xunit;

namespace Instancer.TestKit.Processes;

/// <summary>A test whose backends are busybox's; skipped, with the reason, where there is none; in CI it fails instead.</summary>
public sealed class BusyboxFactAttribute : FactAttribute
{
    public BusyboxFactAttribute()
    {
        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var there = OperatingSystem.IsLinux() && Array.Exists(directories, directory => File.Exists(Path.Combine(directory, "busybox")));
        if (!there && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "Needs Linux and a busybox on the PATH.";
        }
    }
}
