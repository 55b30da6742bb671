using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Instancer.Gateway.Tests.Net;

/// <summary>Keeps this process from opening more files than it has (Linux), until disposed.</summary>
internal sealed partial class OpenFileLimit : IDisposable
{
    private const int NumberOfFiles = 7;

    private readonly Limit _before;

    public OpenFileLimit()
    {
        _before = Get();
        Set(_before with { Soft = 0 });
    }

    public void Dispose() => Set(_before);

    private static Limit Get() => getrlimit(NumberOfFiles, out var limit) == 0 ? limit : throw new Win32Exception();

    private static void Set(Limit limit)
    {
        if (setrlimit(NumberOfFiles, in limit) != 0)
        {
            throw new Win32Exception();
        }
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int getrlimit(int resource, out Limit limit);

    [DllImport("libc", SetLastError = true)]
    private static extern int setrlimit(int resource, in Limit limit);

    private record struct Limit(ulong Soft, ulong Hard);
}
