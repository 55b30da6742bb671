namespace Instancer.TestKit.Net;

/// <summary>The file descriptors of this process (Linux).</summary>
public static class OpenFiles
{
    /// <summary>
    /// How many sockets, pipes and other descriptors are open, but for those of assemblies and their symbols: the runtime opens one with the first use of
    /// anything in it, whenever that is, and keeps it.
    /// </summary>
    public static int Count() => Directory.GetFileSystemEntries("/proc/self/fd").Count(IsCounted);

    // Without a target is what was closed meanwhile: the listing's own, for one.
    private static bool IsCounted(string descriptor) =>
        new FileInfo(descriptor).LinkTarget is { } target && Path.GetExtension(target) is not (".dll" or ".pdb");
}
