namespace Instancer.TestKit.Net;

/// <summary>The file descriptors of this process (Linux).</summary>
public static class OpenFiles
{
    /// <summary>How many sockets, pipes and other descriptors are open.</summary>
    public static int Count() => Directory.GetFileSystemEntries("/proc/self/fd").Length;
}
