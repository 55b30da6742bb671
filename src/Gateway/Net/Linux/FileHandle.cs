using Microsoft.Win32.SafeHandles;

namespace Instancer.Gateway.Net.Linux;

/// <summary>Owns a file descriptor that is no socket.</summary>
internal sealed class FileHandle : SafeHandleMinusOneIsInvalid
{
    /// <param name="number">What a system call returned.</param>
    /// <exception cref="System.Net.Sockets.SocketException">It had failed.</exception>
    public FileHandle(int number)
        : base(ownsHandle: true)
    {
        SetHandle(number);
        if (IsInvalid)
        {
            throw Errnos.Last.ToException();
        }
    }

    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;
}
