using Microsoft.Win32.SafeHandles;

namespace Instancer.Gateway.Net.Linux;

/// <summary>Owns a file descriptor that is no socket.</summary>
internal sealed class FileHandle : SafeHandleMinusOneIsInvalid
{
    public FileHandle()
        : base(ownsHandle: true)
    {
    }

    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;
}
